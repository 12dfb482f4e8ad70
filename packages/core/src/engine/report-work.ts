import type { Instance, Plan, PlannedInput } from "../experiment/plan-types.js";
import type { Axis, Dataset, MapsInput, ModelFacts, ReportDefinition, ReportInputs, ScoresInput } from "../plugin/index.js";
import { seedTree } from "../plugin/random.js";
import { asFailure } from "./failure.js";
import { inputOf, openDataset, type RunContext } from "./run-context.js";
import { readScores } from "./score-group.js";

/** Builds the reports whose inputs are all there, one after the other. */
export async function buildReports(run: RunContext): Promise<void> {
  for (const instance of run.board.waiting("report")) {
    run.signal.throwIfAborted();
    const startMs = performance.now();
    run.progress.begin(instance.node);
    try {
      const definition = instance.plugin.definition as ReportDefinition;
      const inputs = await gather(run, instance);
      if (!inputs) continue;
      const context = { services: run.services(definition.needsServices), random: seedTree(run.plan.seed).split(instance.node) };
      const result = await definition.build(inputs, instance.params, context);
      await run.store.writeResult(instance.key, "table", result);
      run.board.finish(instance, performance.now() - startMs);
      run.progress.advance(instance.node, 1);
    } catch (error) {
      run.signal.throwIfAborted();
      run.board.fail(instance, asFailure(error, instance.id));
    }
  }
}

/** Undefined where stored maps turned out to be damaged: the run plans again. */
async function gather(run: RunContext, instance: Instance): Promise<ReportInputs | undefined> {
  const scores: Record<string, ScoresInput> = {};
  const maps: Record<string, MapsInput> = {};
  const datasets: Record<string, Dataset> = {};
  const models: Record<string, ModelFacts> = {};
  for (const input of instance.inputs) {
    const sources = input.instances.map((id) => run.plan.instances.get(id)!);
    const axes = axesOf(run.plan, input);
    if (input.type === "scores") {
      const groups = sources.map((source) => readScores(run.store, source));
      if (groups.includes(undefined)) return undefined;
      scores[input.port] = { axes, groups: groups.filter((group) => group !== undefined), explainers: explainersOf(run.plan, sources) };
    } else if (input.type === "maps") {
      const groups: MapsInput["groups"][number][] = [];
      for (const source of sources) {
        const read = await run.maps.get(source.key);
        if (!read) run.board.lose(source.key);
        else groups.push({ axes: source.axes, maps: read });
      }
      if (groups.length < sources.length) return undefined;
      maps[input.port] = { axes, groups };
    } else if (input.type === "dataset" && sources[0]) {
      datasets[input.port] = await openDataset(run, sources[0]);
    } else if (input.type === "model" && sources[0]) {
      const root = run.networks.root(sources[0]);
      models[input.port] = await run.facts.model(root.plugin, root.params);
    }
  }
  return { scores, maps, datasets, models };
}

/** The collected axes as their producer has them: randomizers of one spec may differ in their stages and in their order. */
function axesOf(plan: Plan, { collected, instances }: PlannedInput): Axis[] {
  const producer = plan.instances.get(instances[0] ?? "")?.node ?? "";
  const own = plan.nodeAxes?.get(producer) ?? [];
  return collected.map((name) => own.find((axis) => axis.name === name) ?? plan.axes.get(name)).filter((axis) => axis !== undefined);
}

/** Which plugin stands behind each value of the axis `explainer`. */
function explainersOf(plan: Plan, scores: readonly Instance[]): ScoresInput["explainers"] {
  const explainers: Record<string, ScoresInput["explainers"][string]> = {};
  const visit = (instance: Instance): void => {
    const { definition } = instance.plugin;
    if (definition.kind === "metric") visit(inputOf(plan, instance, "b"));
    else if (definition.kind === "surrogate") visit(inputOf(plan, instance, "maps"));
    else if (definition.kind === "explainer" && instance.axes["explainer"] !== undefined) {
      const { control, summary } = definition;
      explainers[instance.axes["explainer"]] = { uses: instance.plugin.id, summary, ...(control && { control }) };
    }
  };
  scores.forEach(visit);
  return explainers;
}

import type { Dataset, ModelFacts, RandomizerDefinition, Stage } from "../plugin/index.js";
import type { Expanded, World } from "./expand.js";
import { checkExplainer, checkMetric, checkSurrogate } from "./fit.js";
import { axesPart, explainerParts, inputParts, keyOf, pluginParts, stageParts, viewPart, type KeyParts } from "./keys.js";
import { TRAINED, type Instance, type PlannedInput } from "./plan-types.js";
import { instanceId, type Point } from "./points.js";
import { outputOf, STAGE } from "./ports.js";
import { targetOf, viewOf } from "./settings.js";
import type { Variant } from "./uses.js";
import type { CheckedParams } from "./validate-params.js";
import type { WiredNode } from "./wiring.js";

/** What an instance stands on, handed down the edges. */
export interface Context {
  readonly model?: ModelFacts;
  /** key of the model before any redraw */
  readonly trained?: string;
  readonly dataset?: Dataset;
}

export interface Made {
  readonly instance: Instance;
  readonly context: Context;
}

interface Asked extends CheckedParams {
  readonly node: WiredNode;
  readonly variant: Variant;
  readonly point: Point;
  readonly inputs: readonly PlannedInput[];
  readonly context: Context;
}

interface Around extends Expanded {
  readonly world: World;
  readonly contexts: ReadonlyMap<string, Context>;
}

/** The instances of a node at one point: one, or one a stage for a randomizer. `undefined` after a problem. */
export async function makeInstances(asked: Asked, around: Around): Promise<readonly Made[] | undefined> {
  const { node, variant, point, inputs, context, params, inner } = asked;
  const { definition } = variant.plugin;
  const { seed, backend, facts, checking } = around.world;
  const name = node.declaration.name;
  const parts: KeyParts = {
    ...pluginParts({ plugin: variant.plugin, params, ...(inner && { inner }) }, checking.contentOf),
    ...inputParts(inputs, around.instances),
  };
  const own = { node: name, plugin: variant.plugin, params, inputs, output: outputOf(definition.kind), ...(inner && { inner }) };
  const one = (added: KeyParts, more: Partial<Instance> = {}, handed: (key: string) => Context = () => context): readonly Made[] => {
    const keyParts = { ...parts, ...added };
    const key = keyOf(keyParts);
    return [{ instance: { ...own, ...more, id: instanceId(name, point), axes: point, key, keyParts }, context: handed(key) }];
  };
  const world = async <T>(ask: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await ask();
    } catch (thrown) {
      checking.problems.caught(thrown, { place: variant.use.uses.place });
      return undefined;
    }
  };
  switch (definition.kind) {
    case "dataset": {
      const dataset = await world(() => facts.dataset(variant.plugin, params));
      return dataset && one({ dataset: dataset.digest }, {}, () => ({ dataset }));
    }
    case "model": {
      const model = await world(() => facts.model(variant.plugin, params));
      return model && one({ model: model.digest, backend }, {}, (key) => ({ model, trained: key }));
    }
    case "randomizer":
      return stagesOf(definition, asked, around, own);
    case "explainer": {
      const target = targetOf(variant.use.target);
      if (!checkExplainer(asked, target, checking.problems)) return undefined;
      return one(explainerParts(name, seed, target, context.trained ?? ""), { target });
    }
    case "surrogate":
      if (!checkSurrogate(asked, definition, checking.problems)) return undefined;
      return one({ node: name, seed: JSON.stringify(seed) });
    case "metric": {
      const view = viewOf(variant.use.view);
      const datasets = inputs.flatMap(({ instances }) => around.contexts.get(instances[0]!)?.dataset ?? []);
      if (!checkMetric(asked, definition, view, datasets, checking.problems)) return undefined;
      return one(viewPart(view), { view });
    }
    case "report": {
      const collected = node.edges.filter(({ collect }) => collect.length > 0);
      const axes = collected.map(({ port, producer }) => [port.name, around.nodeAxes.get(producer.declaration.name) ?? []] as const);
      return one({ node: name, seed: JSON.stringify(seed), ...axesPart(Object.fromEntries(axes)) });
    }
  }
}

type Own = Pick<Instance, "node" | "plugin" | "params" | "inputs" | "output">;

/** Stage 0 is the model itself, under its own key, so that nothing is computed for it; the others follow the randomizer. */
function stagesOf(definition: RandomizerDefinition, asked: Asked, around: Around, own: Own): readonly Made[] | undefined {
  const { variant, point, inputs, context, params } = asked;
  const { seed, checking } = around.world;
  const trained = around.instances.get(inputs[0]!.instances[0]!)!;
  const stages: readonly Stage[] = [{ name: TRAINED, blocks: [] }, ...definition.stages(context.model!.blocks, params)];
  const twice = stages.find(({ name }, i) => stages.some((other, j) => j < i && other.name === name));
  const stranger = stages.flatMap(({ blocks }) => blocks).find((block) => !context.model!.blocks.includes(block));
  if (twice ?? stranger) {
    const what = twice
      ? `${variant.plugin.id} gives two stages called ${twice.name}`
      : `${variant.plugin.id} redraws ${stranger!}, which the model has not`;
    checking.problems.add({ code: "SPEC-STAGE", what, place: variant.use.uses.place });
    return undefined;
  }
  return stages.map((stage) => {
    const axes = { ...point, [STAGE]: stage.name };
    const keyParts =
      stage.name === TRAINED ? trained.keyParts : stageParts(trained.key, stage, definition.redraw(params), seed, point["draw"] ?? "0");
    const key = stage.name === TRAINED ? trained.key : keyOf(keyParts);
    return { instance: { ...own, id: instanceId(own.node, axes), axes, stage, key, keyParts }, context };
  });
}

import type { BlockRandomizer, Dataset, LabelRandomizer, LabelStage, ModelFacts, Stage } from "../plugin/index.js";
import type { Expanded, World } from "./expand.js";
import { checkExplainer, checkLabels, checkMetric, checkSurrogate, checkTrainer } from "./fit.js";
import {
  axesPart,
  explainerParts,
  inputParts,
  keyOf,
  labelParts,
  pluginParts,
  stageParts,
  trainingParts,
  viewPart,
  type KeyParts,
} from "./keys.js";
import { TRAINED, type Instance, type PlannedInput } from "./plan-types.js";
import { instanceId, type Point } from "./points.js";
import { outputOf, STAGE } from "./ports.js";
import { targetOf, viewOf } from "./settings.js";
import type { Problems } from "./problems.js";
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
  const own = { node: name, plugin: variant.plugin, params, inputs, output: outputOf(definition), ...(inner && { inner }) };
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
    case "trainer": {
      if (!checkTrainer(asked, around.contexts, checking.problems)) return undefined;
      // A network that is still to be trained has no weights yet: its key stands for them.
      return one(trainingParts(instanceId(name, point), seed), {}, (key) => ({ model: { ...context.model!, digest: key }, trained: key }));
    }
    case "randomizer":
      return definition.on === "labels" ? labelStagesOf(definition, asked, around, own, parts) : stagesOf(definition, asked, around, own);
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
function stagesOf(definition: BlockRandomizer, asked: Asked, around: Around, own: Own): readonly Made[] | undefined {
  const { variant, point, inputs, context, params } = asked;
  const { seed, checking } = around.world;
  const trained = around.instances.get(inputs[0]!.instances[0]!)!;
  const stages: readonly Stage[] = [{ name: TRAINED, blocks: [] }, ...definition.stages(context.model!.blocks, params)];
  const stranger = stages.flatMap(({ blocks }) => blocks).find((block) => !context.model!.blocks.includes(block));
  if (!checkNames(stages, variant, checking.problems)) return undefined;
  if (stranger !== undefined) {
    const what = `${variant.plugin.id} redraws ${stranger}, which the model has not`;
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

/** Stage 0 is the data set itself, under its own key; the others have the same images with other labels. */
function labelStagesOf(definition: LabelRandomizer, asked: Asked, around: Around, own: Own, parts: KeyParts): readonly Made[] | undefined {
  const { variant, point, inputs, context, params } = asked;
  const { seed, checking } = around.world;
  if (!checkLabels(asked.node, "images", context.dataset!, checking.problems)) return undefined;
  const truth = around.instances.get(inputs[0]!.instances[0]!)!;
  const stages: readonly LabelStage[] = [{ name: TRAINED, share: 0 }, ...definition.stages(params)];
  if (!checkNames(stages, variant, checking.problems)) return undefined;
  return stages.map((labels) => {
    const axes = { ...point, [STAGE]: labels.name };
    const keyParts = labels.share === 0 ? truth.keyParts : { ...parts, ...labelParts(labels, seed, point["draw"] ?? "0") };
    const key = labels.share === 0 ? truth.key : keyOf(keyParts);
    return { instance: { ...own, id: instanceId(own.node, axes), axes, labels, key, keyParts }, context };
  });
}

function checkNames(stages: readonly { readonly name: string }[], { plugin, use }: Variant, problems: Problems): boolean {
  const twice = stages.find(({ name }, i) => stages.some((other, j) => j < i && other.name === name));
  if (twice) problems.add({ code: "SPEC-STAGE", what: `${plugin.id} gives two stages called ${twice.name}`, place: use.uses.place });
  return twice === undefined;
}

import { Registry, parseSpec, planExperiment, type Facts, type ParseOptions, type Plan } from "../../src/index.js";
import {
  AssayError,
  AssayErrors,
  choice,
  defineDataset,
  defineExplainer,
  defineLabelRandomizer,
  defineMetric,
  defineModel,
  defineRandomizer,
  defineReport,
  defineSurrogate,
  defineTrainer,
  inner,
  integer,
  layer,
  list,
  number,
  optional,
  path,
  strictObject,
  text,
  type Dataset,
  type Definition,
  type ModelFacts,
} from "../../src/plugin/index.js";

const version = "1";
const never = (): never => {
  throw new Error("a planner computes nothing");
};
const none = strictObject({});
const samples = integer({ minimum: 1, default: 50, description: "noisy copies" });
const explainer = (name: string, params = none) => defineExplainer({ name, version, summary: name, params, attribute: never });
const randomizer = (name: string, order: "cascading" | "independent") =>
  defineRandomizer({
    name,
    version,
    summary: name,
    order,
    params: strictObject({ redraw: choice(["initializer", "shuffle"], { default: "initializer", description: "new weights" }) }),
    stages: (blocks) => blocks.map((block, k) => ({ name: block, blocks: order === "cascading" ? blocks.slice(0, k + 1) : [block] })),
    redraw: ({ redraw }) => redraw,
  });
const surrogate = (name: string) =>
  defineSurrogate({
    name,
    version,
    summary: name,
    params: strictObject({ times: integer({ minimum: 1, default: 1, description: "repetitions" }) }),
    surrogate: never,
  });

const definitions = [
  defineDataset({
    name: "mnist",
    version,
    summary: "digits",
    params: strictObject({
      split: choice(["train", "test"], { default: "test", description: "which part" }),
      limit: optional(integer({ minimum: 1, maximum: 10_000, description: "how many" })),
    }),
    open: never,
  }),
  defineDataset({
    name: "folder",
    version,
    summary: "files",
    params: strictObject({ folder: path({ description: "where" }) }),
    open: never,
  }),
  defineDataset({ name: "blank", version, summary: "images without a background", params: none, open: never }),
  defineModel({ name: "mnist-cnn", version, summary: "a CNN", params: none, describe: never, load: never }),
  defineModel({ name: "mnist-mlp", version, summary: "an MLP", params: none, describe: never, load: never }),
  defineModel({
    name: "file",
    version,
    summary: "a file",
    params: strictObject({ path: path({ description: "model.json" }) }),
    describe: never,
    load: never,
  }),
  randomizer("cascade", "cascading"),
  randomizer("independent", "independent"),
  defineLabelRandomizer({
    name: "permute-labels",
    version,
    summary: "other labels",
    params: strictObject({ shares: list(number({ description: "share" }), { default: [1], description: "shares" }) }),
    order: "graded",
    stages: ({ shares }) => shares.map((share) => ({ name: `permuted-${share}`, share })),
    relabel: never,
  }),
  defineTrainer({
    name: "adam",
    version,
    summary: "trains",
    params: strictObject({ rate: number({ default: 0.001, description: "rate" }) }),
    backend: "tensorflow",
    epochs: never,
    until: never,
    start: never,
  }),
  explainer("gradient"),
  explainer("guided-backprop"),
  explainer("edge-detector"),
  defineExplainer({
    name: "smoothgrad",
    version,
    summary: "a mean over noise",
    params: strictObject({
      samples,
      sigma: number({ minimum: 0, default: 0.15, description: "noise" }),
      of: optional(inner({ description: "what is averaged" })),
    }),
    presets: { paper: { samples: 25 } },
    attribute: never,
  }),
  defineExplainer({
    name: "grad-cam",
    version,
    summary: "a map of classes",
    needs: "convolution",
    params: strictObject({ layer: optional(layer({ spatial: true, description: "where" })) }),
    attribute: never,
  }),
  ...["spearman", "pearson"].map((name) =>
    defineMetric({
      name,
      version,
      summary: name,
      params: none,
      range: [-1, 1],
      identical: 1,
      domain: "pointwise",
      prepare: never,
      compare: never,
    }),
  ),
  defineMetric({
    name: "ssim",
    version,
    summary: "structure",
    params: strictObject({ window: integer({ minimum: 3, default: 11, description: "side" }) }),
    range: [-1, 1],
    identical: 1,
    domain: "spatial",
    minimumSize: ({ window }) => window,
    prepare: never,
    compare: never,
  }),
  surrogate("permuted"),
  surrogate("crossed"),
  defineReport({
    name: "verdict",
    version,
    summary: "verdicts",
    params: strictObject({
      threshold: number({ default: 0.5, description: "κ" }),
      title: optional(text({ description: "heading" })),
      notes: optional(list(text({ description: "a note" }), { description: "notes" })),
    }),
    inputs: { scores: { type: "scores" }, floor: { type: "scores", optional: true } },
    build: never,
  }),
  defineReport({
    name: "grid",
    version,
    summary: "maps side by side",
    params: none,
    inputs: { images: { type: "dataset" }, perturbed: { type: "maps" } },
    build: never,
  }),
] as unknown as Definition[];

export function fakeRegistry(changed?: string): Registry {
  const registry = new Registry();
  for (const definition of definitions) {
    const codeDigest = definition.name === changed ? "changed" : `code of ${definition.name}`;
    registry.add(definition, { origin: "fakes", module: "file:///fakes.js", codeDigest });
  }
  return registry;
}

const cnn: ModelFacts = {
  inputShape: [28, 28, 1],
  classes: 10,
  layers: [
    { name: "conv1", kind: "Conv2D", shape: [28, 28, 32] },
    { name: "conv2", kind: "Conv2D", shape: [14, 14, 64] },
    { name: "fc1", kind: "Dense", shape: [1024] },
    { name: "softmax", kind: "Dense", shape: [10] },
  ],
  blocks: ["softmax", "fc1", "conv2", "conv1"],
  convolution: "conv2",
  digest: "cnn-digest",
};
const mlp: ModelFacts = {
  inputShape: [28, 28, 1],
  classes: 10,
  layers: ["hidden1", "logits"].map((name) => ({ name, kind: "Dense", shape: [10] })),
  blocks: ["logits", "hidden1"],
  digest: "mlp-digest",
};

export const fakeFacts: Facts = {
  model: ({ definition }) => {
    if (definition.name === "file")
      return Promise.reject(new AssayError({ code: "MODEL-LAYER", where: "model.json", what: "the layer LSTM is not supported" }));
    return Promise.resolve(definition.name === "mnist-mlp" ? mlp : cnn);
  },
  dataset: ({ definition }, params) =>
    Promise.resolve({
      count: 16,
      shape: definition.name === "folder" ? [8, 8, 1] : [28, 28, 1],
      digest: `${definition.name} ${JSON.stringify(params)}`,
      ids: [],
      ...(definition.name === "mnist" && { background: 0, labels: Int32Array.from([0, 9, 1]) }),
      read: never,
    } satisfies Dataset),
};

export interface Trial extends Partial<ParseOptions> {
  readonly registry?: Registry;
  readonly files?: Readonly<Record<string, string>>;
  readonly backend?: string;
}

/** Plans a text as if it were the file `/spec/spec.yaml`, shown as `spec.yaml`. */
export async function plan(
  spec: string,
  { registry = fakeRegistry(), files = {}, backend = "tensorflow", ...options }: Trial = {},
): Promise<Plan> {
  const readFile = (file: string): string => {
    const content = files[file];
    if (content === undefined) throw new Error("ENOENT");
    return content;
  };
  const parsed = parseSpec(spec, "/spec/spec.yaml", { readFile, ...options });
  return planExperiment(parsed, registry, fakeFacts, { backend, exists: (file) => file in files });
}

/** What a spec is refused with. */
export async function refusal(spec: string, trial: Trial = {}): Promise<readonly AssayError[]> {
  try {
    await plan(spec, trial);
  } catch (thrown) {
    if (thrown instanceof AssayErrors) return thrown.errors;
    throw thrown;
  }
  throw new Error("the spec was accepted");
}

export const EXAMPLE = `# Which saliency methods notice that an MNIST network is being destroyed, from the output down?
assay: 1
name: mnist-cascade
params:
  images: { type: integer, minimum: 1, default: 16 }
  draws:  { type: array, items: { type: integer }, default: [0, 1, 2] }
axes:
  draw: \${params.draws}
  explainer:
    gradient:        { uses: explainer/gradient }
    smoothgrad:      { uses: explainer/smoothgrad, with: { samples: 25 } }
    guided-backprop: { uses: explainer/guided-backprop }
    edges:           { uses: explainer/edge-detector }
  metric:
    spearman-abs:    { uses: metric/spearman, view: absolute }
    spearman:        { uses: metric/spearman, view: signed }
    ssim:            { uses: metric/ssim, view: absolute }
  chance:                                        # what similarity is left to chance
    permuted:        { uses: surrogate/permuted, with: { times: 5 } }
    crossed:         { uses: surrogate/crossed,  with: { times: 3 } }
nodes:
  digits:     { uses: dataset/mnist, with: { split: test, limit: "\${params.images}" } }
  model:      { uses: model/mnist-cnn }
  variants:   { uses: randomizer/cascade, in: { model: model }, over: [draw], with: { redraw: initializer } }   # introduces the axis \`stage\`
  reference:  { uses: { axis: explainer }, over: [explainer],              in: { model: model,    images: digits } }
  perturbed:  { uses: { axis: explainer }, over: [explainer, draw, stage], in: { model: variants, images: digits } }
  similarity: { uses: { axis: metric },    over: [metric, explainer, draw, stage], in: { a: reference, b: perturbed } }
  surrogates: { uses: { axis: chance },    over: [chance, explainer, draw], in: { maps: { from: perturbed, pick: { stage: last } } } }
  floor:      { uses: { axis: metric },    over: [metric, chance, explainer, draw], in: { a: reference, b: surrogates } }
  verdicts:   { uses: report/verdict,      in: { scores: { from: similarity, collect: [metric, explainer, draw, stage] }, floor: { from: floor, collect: [metric, chance, explainer, draw] } } }
track: { experiment: mnist-cascade }
`;

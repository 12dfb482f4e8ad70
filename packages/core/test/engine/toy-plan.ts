import * as tf from "@tensorflow/tfjs-core";
import { createHash } from "node:crypto";
import type { InnerExplainer, Instance, Plan, PlannedInput, PortType, TargetPolicy } from "../../src/experiment/plan-types.js";
import {
  defineDataset,
  defineExplainer,
  defineLabelRandomizer,
  defineModel,
  defineRandomizer,
  defineReport,
  defineSurrogate,
  strictObject,
  type Axis,
  type Definition,
  type ExplainerDefinition,
  type LabelStage,
  type Stage,
  type View,
} from "../../src/plugin/index.js";
import type { RegisteredPlugin } from "../../src/registry/registry.js";
import metrics from "./fixtures/metrics.mjs";
import { ToyNetwork, toyFacts, toyImages } from "./toy-network.js";
import { toyTrainer } from "./toy-trainer.js";

const none = strictObject({});
const fixtures = new URL("./fixtures/metrics.mjs", import.meta.url).href;
const facts = { version: "1", summary: "a test", params: none };

/** What the toy plugins were asked to do. */
export const seen = { loads: 0, networks: [] as ToyNetwork[], attributed: [] as string[], reads: 0 };

const explainer = (name: string, attribute: ExplainerDefinition["attribute"], more: Partial<ExplainerDefinition> = {}) =>
  defineExplainer({
    name,
    ...facts,
    attribute: (x, context) => {
      seen.attributed.push(name);
      return attribute(x, context);
    },
    ...more,
  });

const definitions = [
  defineDataset({
    name: "toy",
    ...facts,
    open: (params) => {
      const count = (params as { count?: number }).count ?? 5;
      return Promise.resolve({
        count,
        shape: [3, 4, 1],
        digest: "toy",
        ids: Array.from({ length: count }, (_, i) => `${i}`),
        background: 0,
        labels: Int32Array.from({ length: count }, (_, i) => i % 3),
        read: (from, n) => {
          seen.reads++;
          const images = toyImages(count);
          for (let i = 0; i < count; i++) images.fill(0, i * 12, i * 12 + 4);
          return Promise.resolve(images.slice(from * 12, (from + n) * 12));
        },
      });
    },
  }),
  defineModel({
    name: "toy",
    ...facts,
    describe: () => Promise.resolve(toyFacts),
    load: (params) => {
      seen.loads++;
      if ((params as { broken?: boolean }).broken) return Promise.reject(new Error("no such file"));
      const network = ToyNetwork.trained(2, (params as { scale?: number }).scale ?? 1);
      seen.networks.push(network);
      const redraw = network.redraw.bind(network);
      network.redraw = (...args) => {
        const redrawn = redraw(...args);
        seen.networks.push(redrawn);
        return redrawn;
      };
      return Promise.resolve(network);
    },
  }),
  defineRandomizer({
    name: "cascade",
    ...facts,
    order: "cascading",
    stages: (blocks) => blocks.map((name, i) => ({ name, blocks: blocks.slice(0, i + 1) })),
    redraw: () => "initializer",
  }),
  toyTrainer,
  defineLabelRandomizer({
    name: "shift",
    ...facts,
    order: "graded",
    stages: () => [{ name: "shifted", share: 1 }],
    relabel: (labels, share, random) => labels.map((label) => (label + share + random.integer(2)) % 3),
  }),
  explainer("gradient", (x, { gradient }) => gradient(x)),
  explainer("gradient-x-input", async (x, { gradient }) => tf.mul(x, await gradient(x))),
  explainer("input", (x) => Promise.resolve(tf.clone(x)), { control: "edges" }),
  explainer("noise", (_x, { random }) => Promise.resolve(random.normal(0)), { control: "noise" }),
  explainer("smooth", (x, { mean, inner, random }) => mean(4, (s) => inner(tf.add(x, random.normal(s)), s))),
  explainer("rows", (x) => Promise.resolve(tf.reshape(x, [-1, 1, 3, 4])), { shape: "layer" }),
  explainer("broken", () => Promise.reject(new Error("cannot explain"))),
  explainer("infinite", (x) => Promise.resolve(tf.where(tf.greater(tf.sum(x, [1, 2, 3], true), 9.6), tf.div(x, 0), x))),
  defineSurrogate({
    name: "permuted",
    ...facts,
    surrogate: (maps, random) => {
      const size = maps.height * maps.width * maps.channels;
      const values = new Float32Array(2 * maps.values.length);
      const images = new Int32Array(2 * maps.images.length);
      maps.images.forEach((image, i) => {
        for (const time of [0, 1]) {
          const order = random.split("image", image, time).permutation(size);
          order.forEach((from, to) => (values[(2 * i + time) * size + to] = maps.values[i * size + from]!));
          images[2 * i + time] = image;
        }
      });
      return { ...maps, values, images };
    },
  }),
  defineReport({
    name: "means",
    ...facts,
    inputs: { scores: { type: "scores" }, floor: { type: "scores", optional: true }, maps: { type: "maps", optional: true } },
    build: ({ scores, maps, datasets, models }, _params, { random }) => {
      const groups = scores["scores"]!.groups.map(({ axes, scores: all }) => ({
        axes,
        mean: all.reduce((sum, { value }) => sum + (value ?? 0), 0) / all.length,
      }));
      const data = {
        groups,
        axes: scores["scores"]!.axes,
        explainers: scores["scores"]!.explainers,
        floor: scores["floor"]?.groups.length,
        maps: maps["maps"]?.groups.map(({ axes, maps: { images } }) => [axes, images.length]),
        dataset: datasets["images"]?.count,
        model: models["model"]?.classes,
        drawn: random.uniform(),
      };
      return Promise.resolve({ title: "Means", data, html: "<p>means</p>" });
    },
  }),
] as unknown as Definition[];

const all = [...definitions, ...(metrics as unknown as Definition[])];
export const toyPlugin = (id: string): RegisteredPlugin => {
  const definition = all.find(({ kind, name }) => `${kind}/${name}` === id);
  if (!definition) throw new Error(`no ${id}`);
  return { id, definition, origin: "test", module: fixtures, codeDigest: "c1" };
};

interface NodeFacts {
  readonly params?: Record<string, unknown>;
  readonly in?: Record<string, string | { readonly collect: readonly string[]; readonly from: readonly string[] }>;
  readonly axes?: Record<string, string>;
  readonly view?: View;
  readonly target?: TargetPolicy;
  readonly stage?: Stage;
  readonly labels?: LabelStage;
  readonly inner?: InnerExplainer;
  readonly codeDigest?: string;
}

const outputs: Record<string, PortType> = {
  dataset: "dataset",
  model: "model",
  trainer: "model",
  randomizer: "model",
  explainer: "maps",
  surrogate: "maps",
  metric: "scores",
  report: "table",
};

/** Builds plans instance by instance, as the planner will. */
export class ToyPlan {
  readonly instances = new Map<string, Instance>();
  readonly axes = new Map<string, Axis>();
  seed: number | string = 1;
  name = "toy";

  add(node: string, uses: string, { params = {}, in: edges = {}, axes = {}, codeDigest = "c1", ...rest }: NodeFacts = {}): string {
    const point = Object.entries(axes).map(([axis, value]) => `${axis}=${value}`);
    const id = point.length > 0 ? `${node}[${point.join(",")}]` : node;
    const inputs = Object.entries(edges).map(([port, edge]): PlannedInput => {
      const from = typeof edge === "string" ? [edge] : edge.from;
      return { port, type: this.instances.get(from[0]!)!.output, instances: from, collected: typeof edge === "string" ? [] : edge.collect };
    });
    const keyParts: Record<string, string> = {
      plugin: uses,
      code: codeDigest,
      params: JSON.stringify(params),
      seed: `${this.seed}/${node}`,
    };
    for (const { port, instances } of inputs) keyParts[`in.${port}`] = instances.map((one) => this.instances.get(one)!.key).join();
    for (const [name, value] of Object.entries(rest)) keyParts[name] = JSON.stringify(value);
    if (uses.startsWith("randomizer/")) keyParts["draw"] = axes["draw"] ?? "0";
    const key = createHash("sha256").update(JSON.stringify(keyParts)).digest("hex");
    const plugin = { ...toyPlugin(uses), codeDigest };
    this.instances.set(id, {
      id,
      node,
      plugin,
      params,
      axes,
      inputs,
      output: rest.labels ? "dataset" : outputs[plugin.definition.kind]!,
      key,
      keyParts,
      ...rest,
    });
    for (const [axis, value] of Object.entries(axes)) {
      const values = this.axes.get(axis)?.values ?? [];
      this.axes.set(axis, { name: axis, values: values.includes(value) ? values : [...values, value] });
    }
    return id;
  }

  plan(store?: Plan["store"]): Plan {
    return {
      name: this.name,
      question: "Is it a toy?",
      file: "/toy.yaml",
      seed: this.seed,
      backend: "cpu",
      axes: this.axes,
      instances: this.instances,
      nodes: [...new Set([...this.instances.values()].map(({ node }) => node))],
      resolvedSpec: "",
      params: {},
      ...(store && { store }),
    };
  }
}

export interface CascadeOptions {
  readonly explainers?: readonly string[];
  readonly metrics?: readonly string[];
  readonly draws?: readonly string[];
  readonly params?: Record<string, Record<string, unknown>>;
  readonly seed?: number;
  readonly view?: View;
}

/** A small cascade: reference and perturbed maps, scores, surrogates, floor and one report. */
export function cascade({
  explainers = ["gradient", "gradient-x-input"],
  metrics: names = ["cosine"],
  draws = ["0", "1"],
  params = {},
  seed = 1,
  view,
}: CascadeOptions = {}): ToyPlan {
  const toy = new ToyPlan();
  toy.seed = seed;
  const of = (node: string) => params[node] ?? {};
  const stages: Stage[] = [
    { name: "trained", blocks: [] },
    { name: "top", blocks: ["top"] },
    { name: "bottom", blocks: ["top", "bottom"] },
  ];
  const digits = toy.add("digits", "dataset/toy", { params: of("digits") });
  const model = toy.add("model", "model/toy", { params: of("model") });
  const variants = draws.flatMap((draw) =>
    stages.map((stage) => ({
      draw,
      stage: stage.name,
      id: toy.add("variants", "randomizer/cascade", { in: { model }, axes: { draw, stage: stage.name }, stage }),
    })),
  );
  const scores: string[] = [];
  const floor: string[] = [];
  const references: string[] = [];
  for (const explainer of explainers) {
    const own = { params: of(explainer) };
    const reference = toy.add("reference", `explainer/${explainer}`, { in: { model, images: digits }, axes: { explainer }, ...own });
    references.push(reference);
    for (const { draw, stage, id } of variants) {
      const axes = { explainer, draw, stage };
      const perturbed = toy.add("perturbed", `explainer/${explainer}`, { in: { model: id, images: digits }, axes, ...own });
      for (const metric of names) {
        scores.push(
          toy.add("similarity", `metric/${metric}`, {
            in: { a: reference, b: perturbed },
            axes: { metric, ...axes },
            view: view ?? { name: "raw" },
          }),
        );
      }
      if (stage !== "bottom") continue;
      const surrogate = toy.add("surrogates", "surrogate/permuted", { in: { maps: perturbed }, axes: { explainer, draw } });
      for (const metric of names) {
        floor.push(
          toy.add("floor", `metric/${metric}`, {
            in: { a: reference, b: surrogate },
            axes: { metric, explainer, draw },
            view: view ?? { name: "raw" },
          }),
        );
      }
    }
  }
  toy.add("means", "report/means", {
    in: {
      scores: { collect: ["metric", "explainer", "draw", "stage"], from: scores },
      floor: { collect: ["metric", "explainer", "draw"], from: floor },
      maps: { collect: ["explainer"], from: references },
      images: digits,
      model,
    },
  });
  return toy;
}

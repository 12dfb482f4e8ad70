import { createHash } from "node:crypto";
import { AssayError, type Random, type Redraw } from "@assay/core/plugin";
import type { Block } from "../graph/blocks.js";
import type { Graph, InitializerFacts, Node } from "../graph/graph.js";
import type { WeightTable } from "../graph/weights.js";
import type { HostArray, HostArrays } from "../ops/operation.js";
import { initializer } from "./initializers.js";

/** Batch normalisation starts as the identity, whatever the file says. */
const NORMALIZATION: Readonly<Record<string, number>> = { gamma: 1, beta: 0 };
/** Statistics of the training data: not trained, and kept by the draws that speak of trained weights. */
const STATISTICS: Readonly<Record<string, number>> = { moving_mean: 0, moving_variance: 1 };
/** Keras' habit of the networks in the paper, for files that name no initializer. */
const KERNEL: InitializerFacts = { kind: "VarianceScaling", config: { scale: 2, mode: "fan_in", distribution: "truncated_normal" } };

export interface Redrawn {
  readonly table: WeightTable;
  /** of each new array, by weight name */
  readonly digests: ReadonlyMap<string, string>;
}

/** The last draw of each node: the stages of a cascade have most of theirs in common. */
export type LastDraws = Map<string, Drawn>;
export interface Drawn {
  readonly from: HostArrays;
  readonly how: Redraw;
  readonly path: string;
  readonly arrays: HostArrays;
  readonly digests: ReadonlyMap<string, string>;
}

/** New weights for the blocks; every other array is the very same object. A draw depends on the block's and the weight's name only. */
export function redrawWeights(
  graph: Graph,
  weights: WeightTable,
  blocks: readonly Block[],
  how: Redraw,
  random: Random,
  last: LastDraws = new Map(),
): Redrawn {
  const table = new Map(weights);
  const digests = new Map<string, string>();
  for (const block of blocks) {
    const stream = random.split(block.name);
    for (const node of graph.nodes) {
      const from = weights.get(node.name);
      if (!from || !block.layers.includes(node.layer)) continue;
      const known = last.get(node.name);
      const same = known?.from === from && known.how === how && known.path === stream.path;
      const drawn = same ? known : drawNode(node, from, how, stream);
      last.set(node.name, drawn);
      table.set(node.name, drawn.arrays);
      for (const [path, digest] of drawn.digests) digests.set(path, digest);
    }
  }
  return { table, digests };
}

function drawNode(node: Node, from: HostArrays, how: Redraw, stream: Random): Drawn {
  const digests = new Map<string, string>();
  const arrays = Object.entries(from).map(([name, array]): [string, HostArray] => {
    const path = `${node.layer}/${name}`;
    const fresh = { shape: array.shape, values: draw(node, name, array, how, stream.split(path)) };
    digests.set(path, digestOf(fresh));
    return [name, fresh];
  });
  return { from, how, path: stream.path, arrays: Object.fromEntries(arrays), digests };
}

/** Other weights for every layer, one array after another in the order of the nodes. */
export function replaceWeights(graph: Graph, weights: WeightTable, values: Float32Array): Redrawn {
  const table = new Map(weights);
  const digests = new Map<string, string>();
  let from = 0;
  for (const node of graph.nodes) {
    const arrays = weights.get(node.name);
    if (!arrays) continue;
    const given = Object.entries(arrays).map(([name, { shape, values: old }]): [string, HostArray] => {
      const fresh = { shape, values: values.slice(from, (from += old.length)) };
      digests.set(`${node.layer}/${name}`, digestOf(fresh));
      return [name, fresh];
    });
    table.set(node.name, Object.fromEntries(given));
  }
  if (from === values.length) return { table, digests };
  throw new AssayError({
    code: "MODEL-WEIGHTS",
    what: "the weights do not fill the layers",
    expected: `${from} values`,
    got: String(values.length),
    exit: 1,
  });
}

function draw(node: Node, name: string, { shape, values }: HostArray, how: Redraw, random: Random): Float32Array {
  if (how === "shuffle") {
    const order = random.permutation(values.length);
    return values.map((_, i) => values[order[i]!]!);
  }
  const statistic = STATISTICS[name];
  if (statistic !== undefined) return how === "initializer+statistics" ? values.map(() => statistic) : values.slice();
  if (how === "gaussian-matched") {
    const { mean, deviation } = moments(values);
    return values.map(() => mean + deviation * random.normal());
  }
  const start = NORMALIZATION[name];
  if (start !== undefined) return values.map(() => start);
  const next = initializer(node.initializers[name] ?? (name === "bias" ? { kind: "Zeros", config: {} } : KERNEL), shape, random);
  return values.map(() => next());
}

function moments(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
}

const digestOf = ({ values }: HostArray): string =>
  createHash("sha256")
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest("hex");

/** Digest of a network: the file's, or the file's with the digests of what was redrawn, in whatever order that was done. */
export function weightsDigest(file: string, redrawn: ReadonlyMap<string, string>): string {
  if (redrawn.size === 0) return file;
  const lines = [...redrawn].map(([name, digest]) => `${name} ${digest}`).sort();
  return createHash("sha256")
    .update([file, ...lines].join("\n"))
    .digest("hex");
}

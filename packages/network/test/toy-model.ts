import * as tf from "@tensorflow/tfjs-core";
import type { Network } from "@assay/core/plugin";
import { loadNetwork, type ImportOptions, type ModelInMemory } from "../src/index.js";

export interface ToyLayer {
  readonly kind: string;
  readonly config?: Readonly<Record<string, unknown>>;
  /** default: the layer before */
  readonly inputs?: readonly string[];
  readonly name?: string;
  /** by weight name, in the file's shape */
  readonly weights?: Readonly<Record<string, { readonly shape: readonly number[]; readonly values: ArrayLike<number> }>>;
}

/** A Functional model file in memory, from a list of layers; the last one is the output. */
export function toyModel(
  input: readonly [number, number, number],
  layers: readonly ToyLayer[],
  options: ImportOptions = {},
): ModelInMemory {
  const named = layers.map((layer, i) => ({ ...layer, name: layer.name ?? `${layer.kind.toLowerCase()}_${i}` }));
  const entries = named.map(({ kind, name, config, inputs }, i) => ({
    class_name: kind,
    name,
    config: { name, ...config },
    inbound_nodes: [(inputs ?? [i === 0 ? "input" : (named[i - 1]?.name ?? "")]).map((source) => [source, 0, 0, {}])],
  }));
  const first = {
    class_name: "InputLayer",
    name: "input",
    config: { name: "input", batch_input_shape: [null, ...input] },
    inbound_nodes: [],
  };
  const weights = named.flatMap(({ name, weights: own = {} }) =>
    Object.entries(own).map(([key, array]) => ({ name: `${name}/${key}`, ...array })),
  );
  const config = { name: "toy", layers: [first, ...entries], input_layers: [["input", 0, 0]], output_layers: [[named.at(-1)?.name, 0, 0]] };
  return {
    ...options,
    topology: {
      modelTopology: { class_name: "Functional", config },
      weightsManifest: [{ paths: ["toy.bin"], weights: weights.map(({ name, shape }) => ({ name, shape, dtype: "float32" })) }],
    },
    weights: joined(weights.map(({ values }) => values)),
  };
}

function joined(arrays: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let from = 0;
  for (const each of arrays) {
    all.set(each, from);
    from += each.length;
  }
  return new Uint8Array(all.buffer);
}

/** Deterministic numbers without a pattern that a window could hide. */
export const wave = (n: number, phase = 0): Float32Array => Float32Array.from({ length: n }, (_, i) => Math.sin(12.9898 * i + phase) * 1.5);

export const array = (shape: readonly number[], phase = 0): { shape: readonly number[]; values: Float32Array } => ({
  shape,
  values: wave(
    shape.reduce((a, b) => a * b, 1),
    phase,
  ),
});

/** Loads, hands over, and releases network and input. */
export async function withToy<T>(
  input: readonly [number, number, number],
  layers: readonly ToyLayer[],
  images: ArrayLike<number>,
  use: (network: Network, x: tf.Tensor4D) => Promise<T>,
): Promise<T> {
  const network = loadNetwork(toyModel(input, layers));
  const x = tf.tensor4d(Float32Array.from(images), [images.length / (input[0] * input[1] * input[2]), ...input]);
  try {
    return await use(network, x);
  } finally {
    x.dispose();
    network.dispose();
  }
}

/** A flat layer and one unit with these weights: its logit is the weighted sum, so its gradient is what comes back. */
export const weigh = (weights: ArrayLike<number>): ToyLayer[] => [
  { kind: "Flatten", name: "flat" },
  {
    kind: "Dense",
    name: "sum",
    config: { units: 1, use_bias: false },
    weights: { kernel: { shape: [weights.length, 1], values: weights } },
  },
];

import type { ModelInMemory } from "@assay/network";

/** A layer as TensorFlow.js names it, with the weights it carries. */
export interface ChainedLayer {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>> & { readonly name: string };
  readonly weights?: readonly { readonly name: string; readonly shape: readonly number[]; readonly values: Float32Array }[];
}

/** A chain of layers as a model in memory: what `model.json` would hold, and the bytes beside it. `blocks` names one layer each. */
export function chain(
  name: string,
  inputShape: readonly number[],
  blocks: readonly string[],
  layers: readonly ChainedLayer[],
): ModelInMemory {
  const weights = layers.flatMap(({ config, weights = [] }) =>
    weights.map((weight) => ({ ...weight, name: `${config.name}/${weight.name}` })),
  );
  const input = { class_name: "InputLayer", config: { name: "input", batch_input_shape: [null, ...inputShape], dtype: "float32" } };
  return {
    topology: {
      format: "layers-model",
      modelTopology: {
        class_name: "Sequential",
        config: { name, layers: [input, ...layers.map(({ class_name, config }) => ({ class_name, config }))] },
      },
      weightsManifest: [
        { paths: ["weights.bin"], weights: weights.map((weight) => ({ name: weight.name, shape: weight.shape, dtype: "float32" })) },
      ],
    },
    weights: Buffer.concat(weights.map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength))),
    blocks: blocks.map((block) => ({ name: block, layers: [block] })),
    where: `model/${name}`,
  };
}

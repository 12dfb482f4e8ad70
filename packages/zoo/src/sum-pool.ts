import { defineModel, integer, list, number, optional, strictObject, type Params } from "@assay/core/plugin";
import { describeNetwork, loadNetwork, type ModelInMemory } from "@assay/network";
import { givenOrDrawn } from "./building/given-or-drawn.js";
import { chain } from "./building/chain.js";

const params = strictObject({
  height: integer({ minimum: 3, default: 28, description: "height of the input in pixels" }),
  width: integer({ minimum: 3, default: 28, description: "width of the input in pixels" }),
  channels: integer({ minimum: 1, default: 1, description: "channels of the input" }),
  filters: integer({ minimum: 1, default: 1, description: "how many kernels are summed" }),
  kernel: optional(
    list(number({ description: "one weight" }), {
      description: "w in the order [3, 3, channels, filters]; drawn from `seed` if left out (normal, cut at ±2)",
    }),
  ),
  bias: number({ default: 0, description: "b, the same for every filter" }),
  seed: integer({ minimum: 0, default: 0, description: "which w is drawn" }),
});

function build({ height, width, channels, filters, kernel, bias, seed }: Params<typeof params>): ModelInMemory {
  const cells = (height - 2) * (width - 2) * filters;
  return chain(
    "sum-pool",
    [height, width, channels],
    ["conv"],
    [
      {
        class_name: "Conv2D",
        config: {
          name: "conv",
          filters,
          kernel_size: [3, 3],
          strides: [1, 1],
          padding: "valid",
          activation: "linear",
          use_bias: true,
          kernel_initializer: { class_name: "TruncatedNormal", config: { mean: 0, stddev: 1 } },
          bias_initializer: { class_name: "Constant", config: { value: bias } },
        },
        weights: [
          {
            name: "kernel",
            shape: [3, 3, channels, filters],
            values: givenOrDrawn(kernel, 9 * channels * filters, seed, "model/sum-pool"),
          },
          { name: "bias", shape: [filters], values: new Float32Array(filters).fill(bias) },
        ],
      },
      { class_name: "Activation", config: { name: "conv_relu", activation: "relu" } },
      { class_name: "Flatten", config: { name: "flatten" } },
      {
        class_name: "Dense",
        config: { name: "sum", units: 1, activation: "linear", use_bias: false, kernel_initializer: { class_name: "Ones", config: {} } },
        weights: [{ name: "kernel", shape: [cells, 1], values: new Float32Array(cells).fill(1) }],
      },
    ],
  );
}

/**
 * f(x) = Σ ReLU(w ∗ x + b) over all places and filters of one 3×3 convolution without padding. The gradient at a pixel is
 * the sum of the kernel entries of the active windows over it: a function of the activation pattern only, constant on flat
 * regions and jumping at edges, which is why a random convolution looks like an edge detector. Its one block is `conv`.
 */
export const sumPool = defineModel({
  name: "sum-pool",
  version: "1",
  summary: "one convolution, ReLU and a sum, whose gradient is known in closed form",
  paper: "Adebayo et al. 2018, arXiv:1810.03292, section 6",
  params,
  describe: (settings) => Promise.resolve(settings).then(build).then(describeNetwork),
  load: (settings) => Promise.resolve(settings).then(build).then(loadNetwork),
});

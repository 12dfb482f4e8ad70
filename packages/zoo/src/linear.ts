import { defineModel, integer, list, number, optional, strictObject, type Params } from "@assay/core/plugin";
import { describeNetwork, loadNetwork, type ModelInMemory } from "@assay/network";
import { givenOrDrawn } from "./building/given-or-drawn.js";
import { chain } from "./building/chain.js";

const params = strictObject({
  height: integer({ minimum: 1, default: 28, description: "height of the input in pixels" }),
  width: integer({ minimum: 1, default: 28, description: "width of the input in pixels" }),
  channels: integer({ minimum: 1, default: 1, description: "channels of the input" }),
  classes: integer({ minimum: 1, default: 1, description: "how many outputs" }),
  weights: optional(
    list(number({ description: "one weight" }), {
      description: "w in the order [height, width, channels, classes]; drawn from `seed` if left out (normal, cut at ±2)",
    }),
  ),
  bias: number({ default: 0, description: "b, the same for every class" }),
  seed: integer({ minimum: 0, default: 0, description: "which w is drawn" }),
});

function build({ height, width, channels, classes, weights, bias, seed }: Params<typeof params>): ModelInMemory {
  const inputs = height * width * channels;
  return chain(
    "linear",
    [height, width, channels],
    ["linear"],
    [
      { class_name: "Flatten", config: { name: "flatten" } },
      {
        class_name: "Dense",
        config: {
          name: "linear",
          units: classes,
          activation: "linear",
          use_bias: true,
          kernel_initializer: { class_name: "TruncatedNormal", config: { mean: 0, stddev: 1 } },
          bias_initializer: { class_name: "Constant", config: { value: bias } },
        },
        weights: [
          { name: "kernel", shape: [inputs, classes], values: givenOrDrawn(weights, inputs * classes, seed, "model/linear") },
          { name: "bias", shape: [classes], values: new Float32Array(classes).fill(bias) },
        ],
      },
    ],
  );
}

/**
 * f(x) = w·x + b, where every method has a closed form: gradient = smoothgrad = w, vargrad = 0, and
 * gradient-x-input = integrated gradients from 0 = w ⊙ x, whose sum is f(x) − b at any number of steps.
 */
export const linear = defineModel({
  name: "linear",
  version: "1",
  summary: "one dense layer, whose maps are known in closed form",
  params,
  describe: (settings) => Promise.resolve(settings).then(build).then(describeNetwork),
  load: (settings) => Promise.resolve(settings).then(build).then(loadNetwork),
});

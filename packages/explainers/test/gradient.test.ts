import { startBackend } from "@assay/network";
import { beforeAll, describe, it } from "vitest";
import { gradient } from "../src/gradient.js";
import { agreesWithOracle, passesTheKit, toyCase } from "./oracle.js";
import { expectNear, explain, LINEAR, ONE_CONV, onLinear, onOneConvolution, QUADRATIC, quadratic, withLayers } from "./toy.js";
import { weigh } from "../../network/test/toy-model.js";

await passesTheKit(gradient);

interface SumPool {
  readonly image: number[][];
  readonly kernel: number[][];
  readonly bias: number;
  readonly expected: { readonly gradient: number[][] };
}

describe("gradient", () => {
  beforeAll(() => startBackend("tensorflow"));

  it("is the weight vector of a linear network, whatever the input", () =>
    onLinear(async (network) => {
      for (const x of [LINEAR.x, LINEAR.w]) expectNear(await explain(network, gradient, x), LINEAR.expected["gradient"]!);
    }));

  it("is Ax for the quadratic form ½xᵀAx", async () => {
    expectNear(await explain(quadratic(), gradient, QUADRATIC.x), QUADRATIC.expected["gradient"]!);
  });

  it("sums the kernels of the open windows of one convolution", () =>
    onOneConvolution(async (network) => {
      expectNear(await explain(network, gradient, ONE_CONV.input.flat()), ONE_CONV.expected["gradient"]!.flat());
    }));

  it("is a function of the activation pattern only where a convolution is summed", () => {
    const { image, kernel, bias, expected } = toyCase("sum-pool") as SumPool;
    const convolution = {
      kind: "Conv2D",
      name: "conv",
      config: { filters: 1, kernel_size: [3, 3], padding: "valid", activation: "relu" },
      weights: { kernel: { shape: [3, 3, 1, 1], values: kernel.flat() }, bias: { shape: [1], values: [bias] } },
    };
    return withLayers([6, 8, 1], [convolution, ...weigh(new Float32Array(24).fill(1))], async (network) => {
      expectNear(await explain(network, gradient, image.flat()), expected.gradient.flat());
      // brighter by a little: the same windows are open
      const brighter = image.flat().map((value) => value * 1.001);
      expectNear(await explain(network, gradient, brighter), expected.gradient.flat());
    });
  });
});

agreesWithOracle(gradient, () => [{ array: "gradient" }]);

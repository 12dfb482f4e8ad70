import { startBackend } from "@assay/network";
import { beforeAll, describe, expect, it } from "vitest";
import { gradCam } from "../src/grad-cam.js";
import { bilinear } from "./bilinear.js";
import { agreesWithOracle, passesTheKit, toyCase } from "./oracle.js";
import { expectNear, explain, handMade, ONE_CONV, onOneConvolution, withLayers } from "./toy.js";

const KINDS = ["half-pixel", "legacy"] as const;

await passesTheKit(gradCam);
await passesTheKit(gradCam, { params: { layer: "conv1_relu", resize: "legacy" } }, "at another layer");

describe("grad-cam", () => {
  beforeAll(() => startBackend("tensorflow"));

  it("weighs activations by their mean gradient and drops what is negative", async () => {
    const { activations, gradients, expected } = toyCase("grad-cam-lines") as {
      activations: number[][];
      gradients: number[][];
      expected: { map: number[][] };
    };
    const layer = { shape: [5, 5, 1], activations: activations.flat(), gradients: gradients.flat() } as const;
    const network = handMade({ inputShape: [5, 5, 1], layer });
    expectNear(await explain(network, gradCam, new Array<number>(25).fill(0)), expected.map.flat());
  });

  it("resizes to the input bilinearly, by pixel centres or by TensorFlow 1's grid", async () => {
    const { input, halfPixel, legacy } = toyCase("resize") as Record<"input" | "halfPixel" | "legacy", number[][]>;
    const layer = { shape: [2, 3, 1], activations: input.flat(), gradients: input.flat().map(() => 1) } as const;
    const network = handMade({ inputShape: [5, 7, 1], layer });
    const map = (resize: string) => explain(network, gradCam, new Array<number>(35).fill(0), { params: { resize } });
    expectNear(await map("half-pixel"), halfPixel.flat());
    expectNear(await map("legacy"), legacy.flat());
    // the slow second version that the next test leans on
    expectNear(bilinear(input, 5, 7, "half-pixel").flat(), halfPixel.flat());
    expectNear(bilinear(input, 5, 7, "legacy").flat(), legacy.flat());
  });

  it.each([
    ["relu", "grad-cam at the ReLU, before the final ReLU"],
    ["conv", "grad-cam at the convolution, before the final ReLU"],
  ])("looks at the %s of one convolution where that layer is named", (layer, key) =>
    onOneConvolution(async (network) => {
      for (const resize of KINDS) {
        const map = await explain(network, gradCam, ONE_CONV.input.flat(), { params: { layer, resize } });
        expectNear(map, bilinear(ONE_CONV.expected[key]!, 4, 4, resize).flat());
      }
    }),
  );

  it("looks at the activation of the last convolution where no layer is named", () =>
    onOneConvolution(async (network) => {
      const named = await explain(network, gradCam, ONE_CONV.input.flat(), { params: { layer: "relu" } });
      expect(await explain(network, gradCam, ONE_CONV.input.flat())).toEqual(named);
    }));

  it("reaches through the layers above the one it looks at", () => {
    const { input, expected } = toyCase("multi-layer") as { input: number[]; expected: { "grad-cam": number[][] } };
    const dense = (name: string, units: number, inputs: number, bias: number[], activation: string) => ({
      kind: "Dense",
      name,
      config: { units, activation },
      weights: {
        kernel: { shape: [inputs, units], values: new Float32Array(inputs * units).fill(1) },
        bias: { shape: [units], values: bias },
      },
    });
    const layers = [
      { kind: "Activation", name: "identity", config: { activation: "linear" } },
      { kind: "Flatten", name: "flat" },
      dense("hidden", 4, 3, [-10, 1, 1, 1], "relu"),
      dense("out", 2, 4, [-1, 1], "linear"),
    ];
    return withLayers([1, 1, 3], layers, async (network) => {
      expectNear(await explain(network, gradCam, input, { params: { layer: "identity" } }), expected["grad-cam"].flat());
    });
  });
});

agreesWithOracle(gradCam, ({ manifest }) =>
  Object.keys(manifest.arrays).flatMap((array) => {
    const [, layer, resize] = /^grad-cam\.(.+)\.(half-pixel|legacy)$/.exec(array) ?? [];
    return layer !== undefined && KINDS.some((kind) => kind === resize) ? [{ array, params: { layer, resize } }] : [];
  }),
);

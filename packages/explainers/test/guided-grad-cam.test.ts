import { startBackend } from "@assay/network";
import { beforeAll, describe, it } from "vitest";
import { guidedGradCam } from "../src/guided-grad-cam.js";
import { bilinear } from "./bilinear.js";
import { agreesWithOracle, passesTheKit } from "./oracle.js";
import { expectNear, explain, ONE_CONV, onOneConvolution } from "./toy.js";

await passesTheKit(guidedGradCam);

describe("guided-grad-cam", () => {
  beforeAll(() => startBackend("tensorflow"));

  it.each(["half-pixel", "legacy"] as const)("is guided backpropagation times the %s map of one convolution", (resize) =>
    onOneConvolution(async (network) => {
      const guided = ONE_CONV.expected["guided-backprop"]!.flat();
      const cam = bilinear(ONE_CONV.expected["grad-cam at the ReLU, before the final ReLU"]!, 4, 4, resize).flat();
      const map = await explain(network, guidedGradCam, ONE_CONV.input.flat(), { params: { resize } });
      expectNear(map, guided.map((value, i) => value * cam[i]!)); // prettier-ignore
    }),
  );
});

agreesWithOracle(guidedGradCam, ({ manifest }) =>
  Object.keys(manifest.arrays).flatMap((array) => {
    const [, layer, resize] = /^guided-grad-cam\.(.+)\.(half-pixel|legacy)$/.exec(array) ?? [];
    return layer === undefined ? [] : [{ array, params: { layer, resize } }];
  }),
);

import { startBackend } from "@assay/network";
import { beforeAll, describe, it } from "vitest";
import { weigh } from "../../network/test/toy-model.js";
import { occlusion } from "../src/occlusion.js";
import { agreesWithOracle, passesTheKit, toyCase } from "./oracle.js";
import { expectNear, explain, LINEAR, onLinear, withLayers } from "./toy.js";

await passesTheKit(occlusion, { params: { window: 7, stride: 5 } });

describe("occlusion", () => {
  beforeAll(() => startBackend("tensorflow"));
  const { expected } = toyCase("occlusion") as { expected: Readonly<Record<string, number[][]>> };

  it.each([2, 3])("gives a pixel the mean drop over the windows on it, the last one cut off (window %i)", (window) => {
    const weights = Float32Array.from({ length: 30 }, (_, i) => i + 1);
    return withLayers([5, 6, 1], weigh(weights), async (network) => {
      const map = await explain(network, occlusion, new Array<number>(30).fill(1), { params: { window, stride: 2 } });
      expectNear(map, expected[`window ${window} stride 2`]!.flat());
    });
  });

  it("is w ⊙ (x − b) on a linear network where the window is one pixel", () =>
    onLinear(async (network) => {
      const map = await explain(network, occlusion, LINEAR.x, { params: { window: 1, stride: 1, baseline: 0.25 } });
      expectNear(map, LINEAR.w.map((w, i) => w * (LINEAR.x[i]! - 0.25)), 5e-6); // prettier-ignore
    }));

  it("leaves pixels that no window reaches at zero, and bears a window larger than the image", () =>
    withLayers([1, 4, 1], weigh([1, 2, 4, 8]), async (network) => {
      const map = (window: number, stride: number) => explain(network, occlusion, [1, 1, 1, 1], { params: { window, stride } });
      expectNear(await map(1, 3), [1, 0, 0, 8]);
      expectNear(await map(9, 2), [15, 15, 15, 15]);
    }));

  it("gives all channels of a pixel the drop of hiding them together", () =>
    withLayers([1, 2, 3], weigh([1, 2, 3, 10, 20, 30]), async (network) => {
      const map = await explain(network, occlusion, [1, 1, 1, 1, 1, 1], { params: { window: 1, stride: 1 } });
      expectNear(map, [6, 6, 6, 60, 60, 60]);
    }));
});

agreesWithOracle(occlusion, ({ manifest: { occlusion: { window, stride, baseline } } }) => [{ array: "occlusion", params: { window, stride, baseline } }]); // prettier-ignore

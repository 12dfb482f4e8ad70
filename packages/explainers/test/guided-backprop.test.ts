import { startBackend } from "@assay/network";
import { beforeAll, describe, expect, it } from "vitest";
import { gradient } from "../src/gradient.js";
import { guidedBackprop } from "../src/guided-backprop.js";
import { agreesWithOracle, passesTheKit } from "./oracle.js";
import { expectNear, explain, LINEAR, ONE_CONV, onLinear, onOneConvolution } from "./toy.js";

await passesTheKit(guidedBackprop);

describe("guided-backprop", () => {
  beforeAll(() => startBackend("tensorflow"));

  it("drops negative signals at the ReLUs of one convolution, which the gradient keeps", () =>
    onOneConvolution(async (network) => {
      const map = await explain(network, guidedBackprop, ONE_CONV.input.flat());
      expectNear(map, ONE_CONV.expected["guided-backprop"]!.flat());
      expect(map).not.toEqual(await explain(network, gradient, ONE_CONV.input.flat()));
    }));

  it("is the gradient where there is no ReLU", () =>
    onLinear(async (network) => {
      expectNear(await explain(network, guidedBackprop, LINEAR.x), LINEAR.expected["gradient"]!);
    }));
});

agreesWithOracle(guidedBackprop, () => [{ array: "guided-backprop" }]);

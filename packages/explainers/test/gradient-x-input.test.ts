import { startBackend } from "@assay/network";
import { beforeAll, describe, expect, it } from "vitest";
import { gradientXInput } from "../src/gradient-x-input.js";
import { agreesWithOracle, passesTheKit } from "./oracle.js";
import { expectNear, explain, LINEAR, onLinear, ONE_CONV, onOneConvolution } from "./toy.js";

await passesTheKit(gradientXInput);

describe("gradient-x-input", () => {
  beforeAll(() => startBackend("tensorflow"));

  it("is w ⊙ x on a linear network, and sums to f(x) − f(0)", () =>
    onLinear(async (network) => {
      const map = await explain(network, gradientXInput, LINEAR.x);
      expectNear(map, LINEAR.expected["gradient-x-input"]!);
      expect(map.reduce((a, b) => a + b, 0)).toBeCloseTo(LINEAR.expected.completeness["f(x) - f(0)"], 6);
    }));

  it("is the gradient weighed by each pixel, and exactly zero where the pixel is", () =>
    onOneConvolution(async (network) => {
      const map = await explain(network, gradientXInput, ONE_CONV.input.flat());
      const gradient = ONE_CONV.expected["gradient"]!.flat();
      expectNear(map, ONE_CONV.input.flat().map((value, i) => value * gradient[i]!)); // prettier-ignore
      expect(map[0]).toBe(0);
    }));
});

agreesWithOracle(gradientXInput, () => [{ array: "gradient-x-input" }]);

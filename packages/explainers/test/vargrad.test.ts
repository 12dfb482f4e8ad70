import { startBackend } from "@assay/network";
import { beforeAll, describe, expect, it } from "vitest";
import { integratedGradients } from "../src/integrated-gradients.js";
import { vargrad } from "../src/vargrad.js";
import { agreesWithOracle, inner, passesTheKit } from "./oracle.js";
import { expectNear, explain, LINEAR, onLinear, QUADRATIC, quadratic, quadraticNoise } from "./toy.js";

await passesTheKit(vargrad, { params: { samples: 4 } });
await passesTheKit(vargrad, { params: { samples: 4 }, inner: inner(integratedGradients, { steps: 5 }) }, "over integrated gradients");

describe("vargrad", () => {
  beforeAll(() => startBackend("tensorflow"));

  it("is exactly zero on a linear network", () =>
    onLinear(async (network) => {
      const map = await explain(network, vargrad, LINEAR.x, { params: { samples: 7 } });
      expect([...map]).toEqual(LINEAR.expected["vargrad"]);
    }));

  it("is the variance with divisor N of the gradients of a quadratic form", async () => {
    const map = await explain(quadratic(), vargrad, QUADRATIC.x, { params: { samples: 8 }, random: quadraticNoise() });
    expectNear(map, QUADRATIC.expected["vargrad"]!);
  });

  it("tends to σ² diag(AAᵀ) on a quadratic form as samples are added", async () => {
    const sigma = 0.15;
    const map = await explain(quadratic(), vargrad, QUADRATIC.x, { params: { samples: 4000, sigma } });
    const deviation = sigma * (Math.max(...QUADRATIC.x) - Math.min(...QUADRATIC.x));
    // a variance of 4,000 samples has a relative deviation of √(2/4000) = 2.2 %
    QUADRATIC.expected["vargrad expectation / s^2 (before the factor (n-1)/n of ddof 0)"]!.forEach((expected, i) =>
      expect(map[i]! / deviation ** 2 / expected, `cell ${i}`).toBeCloseTo(1, 1),
    );
  });

  it("is never negative, and keeps its digits where the gradients are large and alike", async () => {
    const map = await explain(quadratic(), vargrad, QUADRATIC.x.map((value) => value + 1000), { params: { samples: 6, sigma: 0.15 } }); // prettier-ignore
    const near = await explain(quadratic(), vargrad, QUADRATIC.x, { params: { samples: 6, sigma: 0.15 } });
    expect(map.every((value) => value >= 0)).toBe(true);
    expectNear(map, [...near], 0.01);
  });
});

agreesWithOracle(vargrad, () => [{ array: "vargrad", params: { samples: 8 }, noise: true }]);

import { startBackend } from "@assay/network";
import { beforeAll, describe, it } from "vitest";
import { integratedGradients } from "../src/integrated-gradients.js";
import { smoothgrad } from "../src/smoothgrad.js";
import { agreesWithOracle, inner, passesTheKit } from "./oracle.js";
import { expectNear, explain, LINEAR, onLinear, QUADRATIC, quadratic, quadraticNoise } from "./toy.js";

await passesTheKit(smoothgrad, { params: { samples: 4 } });
await passesTheKit(smoothgrad, { params: { samples: 4 }, inner: inner(integratedGradients, { steps: 5 }) }, "over integrated gradients");

describe("smoothgrad", () => {
  beforeAll(() => startBackend("tensorflow"));

  it("is the weight vector of a linear network, however strong the noise", () =>
    onLinear(async (network) => {
      for (const sigma of [0, 0.15, 3])
        expectNear(await explain(network, smoothgrad, LINEAR.x, { params: { samples: 7, sigma } }), LINEAR.expected["smoothgrad"]!);
    }));

  it("is the mean gradient over the noisy copies of a quadratic form", async () => {
    const map = await explain(quadratic(), smoothgrad, QUADRATIC.x, { params: { samples: 8 }, random: quadraticNoise() });
    expectNear(map, QUADRATIC.expected["smoothgrad"]!);
  });

  it("tends to Ax on a quadratic form as samples are added", async () => {
    const map = await explain(quadratic(), smoothgrad, QUADRATIC.x, { params: { samples: 4000 } });
    // deviation of the mean: σ √(Σ A²) / √N ≤ .2 · 2.74 / 63
    expectNear(map, QUADRATIC.expected["smoothgrad expectation"]!, 0.03);
  });

  it("averages x ⊙ w over the noisy copies where it smooths integrated gradients of a linear network", () =>
    onLinear(async (network) => {
      const options = { params: { samples: 1, sigma: 0 }, inner: inner(integratedGradients, { steps: 3 }) };
      expectNear(await explain(network, smoothgrad, LINEAR.x, options), LINEAR.expected["gradient-x-input"]!);
    }));
});

agreesWithOracle(smoothgrad, () => [
  { array: "smoothgrad", params: { samples: 8 }, noise: true },
  { array: "integrated-gradients-smoothgrad", params: { samples: 8 }, inner: inner(integratedGradients), noise: true },
]);

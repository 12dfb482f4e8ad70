import { join } from "node:path";
import { explainOnce } from "@assay/core";
import { loadModel, startBackend } from "@assay/network";
import { beforeAll, describe, expect, it } from "vitest";
import { integratedGradients } from "../src/integrated-gradients.js";
import { agreesWithOracle, Golden, MODELS, passesTheKit, toyCase, withDefaults } from "./oracle.js";
import { expectNear, explain, handMade, LINEAR, onLinear, QUADRATIC, quadratic } from "./toy.js";

await passesTheKit(integratedGradients, { params: { steps: 5 } });
await passesTheKit(integratedGradients, { params: { steps: 5, rule: "paper", baseline: 0.3 } }, "with the paper's rule");

interface Sines {
  readonly input: number[];
  readonly baseline: number[];
  readonly exact: number[];
  readonly byRule: Readonly<Record<"both ends / n" | "midpoint", Readonly<Record<"25" | "50" | "1000", number[]>>>>;
}

describe("integrated-gradients", () => {
  beforeAll(() => startBackend("tensorflow"));

  it.each([2, 7, 50])("is w ⊙ x on a linear network with %i steps, by either rule", (steps) =>
    onLinear(async (network) => {
      for (const rule of ["midpoint", "paper"]) {
        const map = await explain(network, integratedGradients, LINEAR.x, { params: { steps, rule } });
        expectNear(map, LINEAR.expected["integrated-gradients (any rule, any number of steps)"]!);
        expect(map.reduce((a, b) => a + b, 0)).toBeCloseTo(LINEAR.expected.completeness.sum, 6);
      }
    }),
  );

  it("is exact for a quadratic form at any number of steps, because the midpoint rule is", async () => {
    const exact = QUADRATIC.expected["integrated-gradients (exact; the midpoint rule gives it at any number of steps)"]!;
    for (const steps of [2, 9]) expectNear(await explain(quadratic(), integratedGradients, QUADRATIC.x, { params: { steps } }), exact);
  });

  it("starts at the baseline: f(x) − f(b) for 5x + y² + sin z, step for step as each rule says", async () => {
    const { input, baseline, byRule } = toyCase("integrated-gradients") as Sines;
    // A baseline is a constant here, so the formulas are moved: b = 0 stands for the toy's own.
    const moved = (x: readonly number[]) => x.map((value, i) => value + baseline[i]!);
    const network = handMade({
      inputShape: [1, 3, 1],
      gradient: (x) => [5, 2 * moved(x)[1]!, Math.cos(moved(x)[2]!)],
    });
    const x = input.map((value, i) => value - baseline[i]!);
    for (const [rule, name] of [
      ["midpoint", "midpoint"],
      ["paper", "both ends / n"],
    ] as const)
      // prettier-ignore
      for (const steps of ["25", "50", "1000"] as const)
        expectNear(await explain(network, integratedGradients, x, { params: { rule, steps: Number(steps) } }), byRule[name][steps], 1e-5);
  });

  it("takes a constant baseline: the map is w ⊙ (x − b) on a linear network", () =>
    onLinear(async (network) => {
      const map = await explain(network, integratedGradients, LINEAR.x, { params: { baseline: -0.4 } });
      expectNear(map, LINEAR.w.map((w, i) => w * (LINEAR.x[i]! + 0.4))); // prettier-ignore
    }));

  it.each(MODELS)("sums to the difference of the logits on %s, closer with more steps", async (name) => {
    const golden = new Golden(name);
    const { values, shape } = golden.read("input");
    const { "S(x) - S(0)": differences, "sum of integrated-gradients (midpoint, 50)": sums } = golden.manifest.completeness;
    const network = await loadModel(join(golden.folder, "model.json"));
    const gaps = async (steps: number, to: readonly number[]) => {
      const params = withDefaults(integratedGradients, { steps });
      const x = { values, shape: shape as [number, number, number, number] };
      const map = await explainOnce(network, integratedGradients, x, { params, targets: golden.manifest.targets });
      const size = map.values.length / to.length;
      return to.map((value, i) => Math.abs(map.values.subarray(i * size, (i + 1) * size).reduce((a, b) => a + b, 0) - value));
    };
    try {
      // 50 steps: the oracle's own sum, within what one unit that flips at one step may cost the whole map
      const { relL2 } = golden.manifest.arrays["integrated-gradients"]!.tolerance!;
      (await gaps(50, sums)).forEach((gap, i) => expect(gap).toBeLessThanOrEqual(relL2 * Math.max(1, Math.abs(sums[i]!))));
      const [few, many] = [await gaps(50, differences), await gaps(400, differences)];
      many.forEach((gap, i) => expect(gap, `image ${i}`).toBeLessThan(few[i]!));
      many.forEach((gap, i) => expect(gap, `image ${i}`).toBeLessThan(0.01 * Math.max(1, Math.abs(differences[i]!))));
    } finally {
      network.dispose();
    }
  });
});

agreesWithOracle(integratedGradients, (golden) => [
  { array: "integrated-gradients" },
  { array: "integrated-gradients.paper", params: { rule: "paper" } },
  ...("baseline" in golden.manifest.arrays
    ? [
        { array: "integrated-gradients.baseline-array", params: { baseline: golden.file("baseline") } },
        { array: "integrated-gradients.paper.baseline-array", params: { baseline: golden.file("baseline"), rule: "paper" } },
      ]
    : []),
]);

import { seedTree } from "@assay/core/plugin";
import { labelRandomizerKit } from "@assay/core/testing";
import { describe, expect, it } from "vitest";
import { labelNoise } from "../src/label-noise.js";

describe("as every randomizer of labels", () => {
  for (const { title, run } of labelRandomizerKit(labelNoise)) it(title, run);
});

describe("label-noise", () => {
  it("names its stages by their share in percent, rising", () => {
    const stages = labelNoise.stages({ shares: [1, 0.125, 0.5] });
    expect(stages.map(({ name }) => name)).toEqual(["permuted-12.5", "permuted-50", "permuted-100"]);
    expect(stages.map(({ share }) => share)).toEqual([0.125, 0.5, 1]);
  });

  it("changes as many labels as the share lets expect", () => {
    const labels = Int32Array.from({ length: 10_000 }, (_, i) => i % 10);
    for (const share of [0.25, 0.5, 1]) {
      const changed = labelNoise.relabel(labels, share, seedTree(3)).filter((label, i) => label !== labels[i]).length;
      // One in ten of those that exchange labels gets its own class again; 5 binomial deviations.
      const expected = 0.9 * share * labels.length;
      expect(Math.abs(changed - expected)).toBeLessThan(5 * Math.sqrt(share * labels.length * 0.09));
    }
  });
});

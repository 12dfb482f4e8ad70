import { seedTree } from "@assay/core/plugin";
import { labelRandomizerKit } from "@assay/core/testing";
import { describe, expect, it } from "vitest";
import { permuteLabels } from "../src/permute-labels.js";

describe("as every randomizer of labels", () => {
  for (const { title, run } of labelRandomizerKit(permuteLabels)) it(title, run);
});

describe("permute-labels", () => {
  it("is one stage, in which every label is permuted", () => {
    expect(permuteLabels.stages({})).toEqual([{ name: "permuted", share: 1 }]);
  });

  it("permutes all positions alike: over many draws an image gets each other's label equally often", () => {
    const labels = Int32Array.from([0, 1, 2, 3, 4]);
    const counts = labels.reduce<number[][]>((rows) => [...rows, [0, 0, 0, 0, 0]], []);
    const draws = 20_000;
    for (let draw = 0; draw < draws; draw++)
      permuteLabels.relabel(labels, 1, seedTree(draw)).forEach((label, image) => counts[image]![label]!++);
    // Each count is binomial with p = 1/5: 5 deviations are about 283.
    for (const row of counts) for (const count of row) expect(Math.abs(count - draws / 5)).toBeLessThan(283);
  });
});

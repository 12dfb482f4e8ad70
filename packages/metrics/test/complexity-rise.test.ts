import { describe, expect, it } from "vitest";
import { complexityRise } from "../src/index.js";
import { histogramEntropy } from "../src/maths/entropy.js";
import { itAgreesWithTheOracle, itPassesTheKit, oraclePairs, readJson, readMap, row, score } from "./oracle.js";

const { rows } = readJson("toy/entropy.json") as { rows: { values: number[] | string; entropy: number }[] };

describe("complexity-rise", () => {
  itPassesTheKit(complexityRise);
  itAgreesWithTheOracle(complexityRise, "emprt-ratio", () => ({ bins: 100 }));

  it.each(oraclePairs)("has the oracle's entropies on %s", (_, { a, b, scores }) => {
    for (const [file, key] of [
      [a, "entropy-a"],
      [b, "entropy-b"],
    ] as const) {
      // prettier-ignore
      const expected = scores[key] ?? 0;
      expect(histogramEntropy(readMap(file).values, 100) ?? 0).toBeCloseTo(expected, 9);
    }
  });

  it("has the entropy of (¾, ¼) for three zeros and a one, and ln 100 for values spread evenly over the bins", () => {
    const [even, few] = [rows[0]!, rows[1]!];
    expect(histogramEntropy(Float32Array.from(few.values as number[]), 100)).toBeCloseTo(few.entropy, 12);
    const spread = Float32Array.from({ length: 1000 }, (_, i) => Math.floor(i / 10) + (i % 10) * 0.09);
    expect(histogramEntropy(spread, 100)).toBeCloseTo(even.entropy, 12);
  });

  it("is (ln 4 − ln 2)/ln 2 = 1 from two levels to four, and −½ on the way back", () => {
    const [two, four] = [row([0, 0, 1, 1]), row([0, 1, 2, 3])];
    expect(score(complexityRise, two, four, { bins: 4 })).toBeCloseTo(1, 12);
    expect(score(complexityRise, four, two, { bins: 4 })).toBeCloseTo(-0.5, 12);
  });

  it("does not change when values move about in the map, or are scaled and shifted", () => {
    const [a, b] = [row([0, 0, 0, 1, 5, 9]), row([3, 1, 4, 1, 5, 9])];
    const rise = score(complexityRise, a, b, { bins: 10 })!;
    expect(score(complexityRise, row([9, 0, 5, 0, 1, 0]), b, { bins: 10 })).toBe(rise);
    expect(score(complexityRise, a, row([3, 1, 4, 1, 5, 9].map((v) => 2 * v - 7)), { bins: 10 })).toBeCloseTo(rise, 12);
  });
});

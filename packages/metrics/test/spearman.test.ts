import { seedTree } from "@assay/core/plugin";
import { describe, expect, it } from "vitest";
import { spearman } from "../src/index.js";
import { tieAveragedRanks } from "../src/maths/ranks.js";
import { itAgreesWithTheOracle, itPassesTheKit, readJson, row, score } from "./oracle.js";

interface Similarities {
  readonly rows: readonly { readonly a: number[]; readonly b: number[]; readonly spearman: number | null }[];
  readonly ranks: { readonly values: number[]; readonly zeroBased: number[] };
}
interface Nulls {
  readonly tiedZeroNull: {
    readonly cells: number;
    readonly rows: readonly { readonly z: number; readonly simulatedSd: number; readonly formula: number }[];
  };
  readonly independentNull: { readonly cells: number; readonly formulaSd: number };
}

/** Rank = how many are smaller, plus half of how many others are equal. */
function slowSpearman(a: readonly number[], b: readonly number[]): number {
  const ranks = (v: readonly number[]) => v.map((x) => v.filter((y) => y < x).length + (v.filter((y) => y === x).length - 1) / 2);
  const [r, s] = [ranks(a), ranks(b)];
  const middle = (a.length - 1) / 2;
  const product = (u: number[], v: number[]) => u.reduce((sum, x, i) => sum + (x - middle) * (v[i]! - middle), 0);
  return product(r, s) / Math.sqrt(product(r, r) * product(s, s));
}

describe("spearman", () => {
  itPassesTheKit(spearman);
  itAgreesWithTheOracle(spearman, "spearman", () => ({}));
  const toy = readJson("toy/similarities.json") as Similarities;

  it.each(toy.rows)("gives $spearman for $a and $b", ({ a, b, spearman: expected }) => {
    const got = score(spearman, row(a), row(b), {});
    if (expected === null) expect(got).toBeUndefined();
    else expect(got).toBeCloseTo(expected, 6);
  });

  it("averages the ranks of ties, and ties −0 with 0", () => {
    expect([...tieAveragedRanks(Float32Array.from(toy.ranks.values))]).toEqual(toy.ranks.zeroBased);
    expect([...tieAveragedRanks(Float32Array.of(0, -1, -0, 1e-45, -1e-45, 3e38, -3e38))]).toEqual([3.5, 1, 3.5, 5, 2, 6, 0]);
  });

  it("is what counting smaller and equal values gives", () => {
    const random = seedTree("spearman");
    for (let round = 0; round < 20; round++) {
      const levels = 2 + round * 7;
      const draw = () => Array.from({ length: 60 }, () => random.integer(levels) - 3);
      const [a, b] = [draw(), draw()];
      expect(score(spearman, row(a), row(b), {})).toBeCloseTo(slowSpearman(a, b), 12);
    }
  });

  /** Ranks by a sort of the numbers themselves. */
  function sortedRanks(values: Float32Array): number[] {
    const sorted = [...values].sort((a, b) => a - b);
    const first = new Map<number, number>();
    const last = new Map<number, number>();
    sorted.forEach((value, i) => {
      if (!first.has(value)) first.set(value, i);
      last.set(value, i);
    });
    return [...values].map((value) => (first.get(value)! + last.get(value)!) / 2);
  }

  it("ranks many values as sorting does", () => {
    const random = seedTree("ranks");
    for (const [n, levels] of [
      [1, 1],
      [2, 1],
      [784, 40],
      [784, 1e9],
      [5000, 1],
      [5000, 40],
      [5000, 1e9],
      [1, 1e9],
    ] as const) {
      const values = Float32Array.from({ length: n }, () => (random.integer(levels) - levels / 3) * 10 ** (random.integer(9) - 4));
      expect([...tieAveragedRanks(values)]).toEqual(sortedRanks(values));
    }
  });

  it("ranks values that differ in their last bits alone, a few of them and all", () => {
    const random = seedTree("alike");
    for (const n of [2, 50, 784, 4096, 4097]) {
      for (const alike of [2, 10, n]) {
        for (const sign of [1, -1]) {
          const last = (): number => random.integer(500) * 2 ** -23;
          const values = Float32Array.from(
            { length: n },
            (_, i) => sign * (i % Math.ceil(n / alike) === 0 ? 1 + last() : random.uniform()),
          );
          expect([...tieAveragedRanks(values)]).toEqual(sortedRanks(values));
        }
      }
    }
  });

  const nulls = readJson("statistics/manifest.json") as Nulls;
  it.each(nulls.tiedZeroNull.rows)("tends to 3z/(1 + z + z²) where a share $z of zeros is shared", ({ z, simulatedSd, formula }) => {
    const random = seedTree(`tied-zero-${z}`);
    const draws = 100;
    let sum = 0;
    for (let draw = 0; draw < draws; draw++) {
      const map = () =>
        row(
          Array.from({ length: nulls.tiedZeroNull.cells }, (_, i) =>
            i < Math.round(z * nulls.tiedZeroNull.cells) ? 0 : 0.01 + random.uniform(),
          ),
        );
      sum += score(spearman, map(), map(), {})!;
    }
    // Four standard errors, and the formula's own 1/n.
    expect(Math.abs(sum / draws - formula)).toBeLessThan((4 * simulatedSd) / Math.sqrt(draws) + 1 / nulls.tiedZeroNull.cells);
  });

  it("spreads as 1/√(n − 1) over independent maps", () => {
    const { cells, formulaSd } = nulls.independentNull;
    expect((readJson("toy/nulls.json") as { sd: Record<string, number> }).sd[cells]).toBeCloseTo(1 / Math.sqrt(cells - 1), 12);
    const random = seedTree("independent");
    const map = () => row(Array.from({ length: cells }, () => random.normal()));
    const scores = Array.from({ length: 600 }, () => score(spearman, map(), map(), {})!);
    const sd = Math.sqrt(scores.reduce((sum, value) => sum + value * value, 0) / scores.length);
    expect(Math.abs(sd / formulaSd - 1)).toBeLessThan(0.12);
  });
});

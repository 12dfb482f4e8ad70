import { seedTree } from "@assay/core/plugin";
import { describe, expect, it } from "vitest";
import { kappaOf, lessThan, meanOf, ratioOf, type Cells, type Estimate } from "../src/statistics/estimate.js";
import { intervalOf } from "../src/statistics/interval.js";
import { floorOf, kappa, tieNull } from "../src/statistics/kappa.js";

const cellsOf = (rows: readonly (readonly (number | null)[])[]): Cells => ({
  rows: rows.length,
  images: rows[0]!.length,
  sums: Float64Array.from(rows.flat(), (value) => value ?? 0),
  counts: Float64Array.from(rows.flat(), (value) => (value === null ? 0 : 1)),
});

describe("kappa", () => {
  it("is 1 where nothing changed, 0 at chance, and undefined where chance already gives 1", () => {
    expect([kappa(1, 0.4), kappa(0.4, 0.4), kappa(0.25, 0.5), kappa(1, 1), kappa(null, 0.1)]).toEqual([1, 0, -0.5, null, null]);
  });

  it("has the null of shared zeros at .984 for a share of .8, 0 for none and 1 for all", () => {
    expect(tieNull(0.8)).toBeCloseTo(0.9836, 4);
    expect([tieNull(0), tieNull(1)]).toEqual([0, 1]);
  });

  it("ignores nulls that are not defined", () => {
    expect(floorOf({ permuted: null, crossed: -0.1 })).toEqual({ value: -0.1, from: "crossed" });
    expect(floorOf({ permuted: null })).toBeNull();
  });
});

describe("the mean of defined scores", () => {
  it("leaves undefined scores out, and is nothing where none is defined", () => {
    expect(meanOf(cellsOf([[1, null, 0]]), 1)!.value).toBe(0.5);
    expect(meanOf(cellsOf([[null]]), 1)).toBeNull();
  });

  it("counts scores that do not depend on the draw for each draw", () => {
    expect([...meanOf(cellsOf([[0.2, 0.6]]), 3)!.influence].map((z) => Number(z.toFixed(12)))).toEqual([-0.2, 0.2, -0.2, 0.2, -0.2, 0.2]);
  });
});

describe("influence", () => {
  const random = seedTree("influence");
  const table = (): (number | null)[][] => [0, 1, 2].map(() => [0, 1, 2, 3].map(() => (random.uniform() < 0.15 ? null : random.uniform())));
  const [s, f, twin] = [table(), table(), table()];
  const of = (rows: (number | null)[][]) => meanOf(cellsOf(rows), 3)!;
  const quantities: [string, (scores: Estimate, floor: Estimate, other: Estimate) => Estimate][] = [
    ["s", (scores) => scores],
    ["κ", (scores, floor) => kappaOf(scores, floor)!],
    ["κ − t κ_twin", (scores, floor, other) => lessThan(kappaOf(scores, floor)!, 0.5, kappaOf(other, floor)!)],
    ["ρ", (scores, floor, other) => ratioOf(kappaOf(scores, floor)!, kappaOf(other, floor)!)],
  ];

  it.each(quantities)("of %s is what a little more weight on a cell changes, N times", (_name, quantity) => {
    const here = quantity(of(s), of(f), of(twin));
    const weighted = (rows: (number | null)[][], cell: number, extra: number) => {
      const cells = cellsOf(rows);
      const scale = cells.counts.map((count, i) => count * (i === cell ? 1 + extra : 1));
      return meanOf({ ...cells, counts: scale, sums: cells.sums.map((sum, i) => sum * (i === cell ? 1 + extra : 1)) }, 3)!;
    };
    const step = 1e-6;
    for (let cell = 0; cell < 12; cell++) {
      const moved = quantity(weighted(s, cell, step), weighted(f, cell, step), weighted(twin, cell, step)).value;
      expect(here.influence[cell]).toBeCloseTo((12 * (moved - here.value)) / step, 3);
    }
  });
});

describe("the interval over draws and images", () => {
  const t = { 1: 12.7062, 2: 4.30265, 4: 2.776445, 7: 2.364624 };
  const deviation = (values: readonly number[]): number => {
    const m = values.reduce((a, b) => a + b) / values.length;
    return Math.sqrt(values.reduce((sum, v) => sum + (v - m) ** 2, 0) / (values.length - 1));
  };
  const interval = (rows: readonly (readonly number[])[]) =>
    intervalOf(meanOf(cellsOf(rows), rows.length)!, { draws: rows.length, images: rows[0]!.length }, 0.95);

  it("is Student's of the draws where images agree, and of the images where draws agree", () => {
    const five = [0.1, 0.4, 0.2, 0.6, 0.3];
    const ofDraws = interval(five.map((value) => [value, value, value]))!;
    expect(ofDraws.high - 0.32).toBeCloseTo((t[4] * deviation(five)) / Math.sqrt(5), 6);
    expect(0.32 - ofDraws.low).toBeCloseTo((t[4] * deviation(five)) / Math.sqrt(5), 6);
    const ofImages = interval([five, five, five])!;
    expect(ofImages.high - 0.32).toBeCloseTo((t[4] * deviation(five)) / Math.sqrt(5), 6);
  });

  it("leaves out a factor with one value, and is nothing where both have one", () => {
    const eight = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.9];
    const m = eight.reduce((a, b) => a + b) / 8;
    expect(interval([eight])!.high - m).toBeCloseTo((t[7] * deviation(eight)) / Math.sqrt(8), 6);
    expect(interval([[0.2], [0.6]])!.high - 0.4).toBeCloseTo((t[1] * deviation([0.2, 0.6])) / Math.sqrt(2), 4);
    expect(interval([[0.5]])).toBeNull();
  });

  it("has no width where nothing varies", () => {
    expect(interval([[0.5, 0.5], [0.5, 0.5]])).toEqual({ low: 0.5, high: 0.5 }); // prettier-ignore
  });

  it("has the variance of crossed random effects: of many tables, as often as the mean squares foretell", () => {
    // σ²_D/D + σ²_I/I + σ²_E/(D I) with σ = .1, .2, .3, D = 6, I = 10.
    const truth = 0.01 / 6 + 0.04 / 10 + 0.09 / 60;
    const random = seedTree("variance");
    let [sum, squares] = [0, 0];
    const tables = 4000;
    for (let e = 0; e < tables; e++) {
      const images = Array.from({ length: 10 }, () => 0.2 * random.normal());
      let total = 0;
      for (let d = 0; d < 6; d++) {
        const draw = 0.1 * random.normal();
        for (const image of images) total += draw + image + 0.3 * random.normal();
      }
      sum += total / 60;
      squares += (total / 60) ** 2;
    }
    expect(squares / tables - (sum / tables) ** 2).toBeCloseTo(truth, 3);
  });
});

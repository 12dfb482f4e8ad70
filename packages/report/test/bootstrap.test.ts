import { seedTree } from "@assay/core/plugin";
import { describe, expect, it } from "vitest";
import { mean, percentileInterval, quantile, resample, resampledMeans, type Cells } from "../src/statistics/bootstrap.js";
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

describe("two-way bootstrap", () => {
  it("agrees with repeating rows and columns by hand and sorting", () => {
    const rows = [
      [0.1, 0.5, null, 0.9],
      [0.2, 0.4, 0.3, 0.8],
      [0.7, null, 0.6, 0.0],
    ];
    const resamples = resample(3, 4, 200, seedTree(3));
    const slow = Array.from({ length: 200 }, (_, b) => {
      const values: number[] = [];
      for (let d = 0; d < 3; d++)
        for (let again = 0; again < resamples.drawCounts[b * 3 + d]!; again++)
          for (let i = 0; i < 4; i++)
            for (let more = 0; more < resamples.imageCounts[b * 4 + i]!; more++) {
              const value = rows[d]?.[i];
              if (typeof value === "number") values.push(value);
            }
      return values.reduce((a, v) => a + v, 0) / values.length;
    });
    const fast = resampledMeans(cellsOf(rows), resamples);
    slow.forEach((value, b) => expect(fast[b]).toBeCloseTo(value, 12));
    const sorted = [...slow].sort((a, b) => a - b);
    // Position .025 · 199 = 4.975 lies between the fifth and the sixth of the ordered resamples.
    const interval = percentileInterval(fast, 0.95)!;
    expect(interval.low).toBeCloseTo(sorted[4]! * 0.025 + sorted[5]! * 0.975, 12);
    expect(interval.high).toBeCloseTo(sorted[194]! * 0.975 + sorted[195]! * 0.025, 12);
  });

  it("draws as many rows and columns as there are", () => {
    const { drawCounts, imageCounts } = resample(3, 7, 50, seedTree(1));
    for (let b = 0; b < 50; b++) {
      expect(drawCounts.subarray(b * 3, b * 3 + 3).reduce((a, n) => a + n)).toBe(3);
      expect(imageCounts.subarray(b * 7, b * 7 + 7).reduce((a, n) => a + n)).toBe(7);
    }
  });

  it("uses a floor without draws whole in every resample of draws", () => {
    const means = resampledMeans(cellsOf([[0.5, 0.5]]), resample(4, 2, 20, seedTree(1)));
    expect([...means]).toEqual(Array.from({ length: 20 }, () => 0.5));
  });

  it("leaves undefined scores out of the mean", () => {
    expect(mean(cellsOf([[1, null, 0]]))).toBe(0.5);
    expect(mean(cellsOf([[null]]))).toBeNull();
  });

  it("gives no interval where more than one resample in twenty is undefined", () => {
    expect(
      percentileInterval(
        Float64Array.from({ length: 100 }, (_, i) => (i < 6 ? Number.NaN : i)),
        0.95,
      ),
    ).toBeNull();
    expect(
      percentileInterval(
        Float64Array.from({ length: 100 }, (_, i) => (i < 5 ? Number.NaN : i)),
        0.95,
      ),
    ).not.toBeNull();
  });

  it("interpolates quantiles as numpy does by default", () => {
    expect(quantile(Float64Array.of(0, 1, 2, 10), 0.9)).toBeCloseTo(7.6, 12);
  });

  it("covers the true mean about as often as it claims with crossed draw and image effects", () => {
    const experiments = 120;
    let covered = 0;
    for (let e = 0; e < experiments; e++) {
      const random = seedTree("coverage").split(e);
      const draws = Array.from({ length: 10 }, () => 0.1 * random.normal());
      const images = Array.from({ length: 24 }, () => 0.15 * random.normal());
      const rows = draws.map((draw) => images.map((image) => 0.4 + draw + image + 0.1 * random.normal()));
      const interval = percentileInterval(resampledMeans(cellsOf(rows), resample(10, 24, 300, random.split("bootstrap"))), 0.95)!;
      if (interval.low <= 0.4 && 0.4 <= interval.high) covered += 1;
    }
    expect(covered / experiments).toBeGreaterThan(0.86);
    expect(covered / experiments).toBeLessThanOrEqual(1);
  });
});

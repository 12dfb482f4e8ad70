import type { Random } from "@assay/core/plugin";
import type { ResampledOver } from "./verdict-report.js";

/** Defined scores summed and counted by (draw, image), row-major; one row where scores do not depend on the draw. */
export interface Cells {
  readonly rows: number;
  readonly images: number;
  readonly sums: Float64Array;
  readonly counts: Float64Array;
}

/** How often each draw and each image occurs in each resample: `resamples` rows of `draws` and of `images` counts. */
export interface Resamples {
  readonly resamples: number;
  readonly draws: number;
  readonly images: number;
  readonly drawCounts: Uint16Array;
  readonly imageCounts: Uint16Array;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Draws and images are resampled with replacement, independently of each other; an axis of one value stays as it is. */
export function resample(draws: number, images: number, resamples: number, random: Random): Resamples {
  const counts = (size: number, stream: Random): Uint16Array => {
    const all = new Uint16Array(resamples * size);
    for (let b = 0; b < resamples; b++) {
      for (let i = 0; i < size; i++) {
        const at = b * size + stream.integer(size);
        all[at] = (all[at] ?? 0) + 1;
      }
    }
    return all;
  };
  return {
    resamples,
    draws,
    images,
    drawCounts: counts(draws, random.split("draws")),
    imageCounts: counts(images, random.split("images")),
  };
}

/** The mean of the defined scores, or null where there is none. */
export function mean({ sums, counts }: Cells): number | null {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < sums.length; i++) {
    sum += sums[i] ?? 0;
    count += counts[i] ?? 0;
  }
  return count > 0 ? sum / count : null;
}

/** The mean in every resample; NaN in one that holds no defined score. */
export function resampledMeans(cells: Cells, { resamples, draws, images, drawCounts, imageCounts }: Resamples): Float64Array {
  const means = new Float64Array(resamples);
  const rows = Array.from({ length: cells.rows }, (_, r) => ({
    sums: cells.sums.subarray(r * images, (r + 1) * images),
    counts: cells.counts.subarray(r * images, (r + 1) * images),
  }));
  for (let b = 0; b < resamples; b++) {
    const imageWeights = imageCounts.subarray(b * images, (b + 1) * images);
    let sum = 0;
    let count = 0;
    rows.forEach((row, r) => {
      const weight = cells.rows === 1 ? 1 : (drawCounts[b * draws + r] ?? 0);
      if (weight === 0) return;
      let rowSum = 0;
      let rowCount = 0;
      for (let i = 0; i < images; i++) {
        const w = imageWeights[i] ?? 0;
        rowSum += w * (row.sums[i] ?? 0);
        rowCount += w * (row.counts[i] ?? 0);
      }
      sum += weight * rowSum;
      count += weight * rowCount;
    });
    means[b] = count > 0 ? sum / count : Number.NaN;
  }
  return means;
}

export function resampledOver(draws: number, images: number): ResampledOver {
  if (draws > 1) return images > 1 ? "draws × images" : "draws";
  return images > 1 ? "images" : "nothing";
}

/** Quantile of ascending values, linear between neighbours at position p (n − 1). */
export function quantile(ascending: Float64Array, p: number): number {
  const position = p * (ascending.length - 1);
  const below = Math.floor(position);
  const low = ascending[below] ?? Number.NaN;
  const high = ascending[Math.min(below + 1, ascending.length - 1)] ?? low;
  return low + (position - below) * (high - low);
}

/**
 * The percentile interval. Resamples in which the statistic is undefined are left out; null where these are more than one in
 * twenty, because the tails are then unknown.
 */
export function percentileInterval(values: Float64Array, confidence: number): Interval | null {
  const defined = values.filter((value) => Number.isFinite(value)).sort();
  if (defined.length < 0.95 * values.length || defined.length === 0) return null;
  const tail = (1 - confidence) / 2;
  return { low: quantile(defined, tail), high: quantile(defined, 1 - tail) };
}

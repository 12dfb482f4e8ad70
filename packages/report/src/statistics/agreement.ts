import type { Cells } from "./estimate.js";
import { krippendorff } from "./krippendorff.js";

/**
 * Whether the metrics of a method agree on which images' maps changed most: Krippendorff's α of the ranks that each metric gives the
 * images by their mean score. Ranks, because one metric's .3 is not another's. Null for fewer than two metrics.
 */
export const agreementOf = (metrics: readonly (readonly Cells[])[]): number | null =>
  metrics.length < 2 ? null : krippendorff(metrics.map((stages) => ranksOf(meansByImage(stages))));

/** The mean over draws, and over stages where several count; null for an image without a score. */
function meansByImage(stages: readonly Cells[]): (number | null)[] {
  return Array.from({ length: stages[0]?.images ?? 0 }, (_, image) => {
    let [sum, count] = [0, 0];
    for (const { rows, images, sums, counts } of stages) {
      for (let row = 0; row < rows; row++) {
        sum += sums[row * images + image] ?? 0;
        count += counts[row * images + image] ?? 0;
      }
    }
    return count > 0 ? sum / count : null;
  });
}

/** Scores of maps that are equal differ by rounding: 1 and .9999999 are a tie. */
const RESOLUTION = 1e-6;

/** Ranks as shares of those ranked, in (0, 1), so that metrics with missing images compare; ties have their mean rank. */
function ranksOf(values: readonly (number | null)[]): (number | null)[] {
  const known = values.filter((value) => value !== null);
  return values.map((value) => {
    if (value === null) return null;
    const below = known.filter((other) => other < value - RESOLUTION).length;
    const equal = known.filter((other) => Math.abs(other - value) <= RESOLUTION).length;
    return (below + equal / 2) / known.length;
  });
}

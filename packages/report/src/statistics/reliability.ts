import type { Cells } from "./estimate.js";

/**
 * Test–retest reliability of the scores of single images over draws: the intraclass correlation ICC(2,1), two-way random, absolute
 * agreement, of one draw (Shrout & Fleiss 1979). With the mean squares of n images × k draws
 *
 *   ICC = (MS_I − MS_E)/(MS_I + (k − 1) MS_E + k (MS_D − MS_E)/n)
 *
 * 1: another draw gives every image the same score; 0: it says nothing about an image. Images without a score in every draw are left
 * out. Null with fewer than two draws or images, and where all scores are equal.
 */
export function reliabilityOf({ rows, images, sums, counts }: Cells): number | null {
  const complete = Array.from({ length: images }, (_, i) => Array.from({ length: rows }, (_, d) => d * images + i))
    .filter((cells) => cells.every((cell) => (counts[cell] ?? 0) > 0))
    .map((cells) => cells.map((cell) => (sums[cell] ?? 0) / (counts[cell] ?? 1)));
  const n = complete.length;
  if (rows < 2 || n < 2) return null;
  const ofImages = complete.map(average);
  const ofDraws = Array.from({ length: rows }, (_, d) => average(complete.map((scores) => scores[d] ?? 0)));
  const mean = average(ofImages);
  const squares = (values: readonly number[]): number => values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const left = complete.flatMap((scores, i) => scores.map((score, d) => score - (ofImages[i] ?? 0) - (ofDraws[d] ?? 0) + 2 * mean));
  const [betweenImages, betweenDraws] = [(rows * squares(ofImages)) / (n - 1), (n * squares(ofDraws)) / (rows - 1)];
  const rest = squares(left) / ((n - 1) * (rows - 1));
  const whole = betweenImages + (rows - 1) * rest + (rows * (betweenDraws - rest)) / n;
  // Scores of equal maps differ by rounding alone: 1 and .9999999.
  return whole > 1e-12 ? (betweenImages - rest) / whole : null;
}

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

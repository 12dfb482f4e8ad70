import { kappa } from "./kappa.js";

/** Defined scores summed and counted by (draw, image), row-major; one row where scores do not depend on the draw. */
export interface Cells {
  readonly rows: number;
  readonly images: number;
  readonly sums: Float64Array;
  readonly counts: Float64Array;
}

/**
 * A number made of scores, and how far each cell of draws × images moves it, to first order (its influence, row-major): the error of
 * the value is the mean of the influences of other draws and images.
 */
export interface Estimate {
  readonly value: number;
  readonly influence: Float64Array;
}

/** The mean of the defined scores; null where there is none. Scores that do not depend on the draw count for each of `draws`. */
export function meanOf({ rows, images, sums, counts }: Cells, draws: number): Estimate | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const value = sums.reduce((sum, each) => sum + each, 0) / total;
  const weight = (rows * images) / total;
  const own = sums.map((sum, i) => (sum - value * (counts[i] ?? 0)) * weight);
  return { value, influence: Float64Array.from({ length: draws * images }, (_, i) => own[rows === 1 ? i % images : i] ?? 0) };
}

/** κ = (s − f)/(1 − f). */
export function kappaOf(s: Estimate | null, f: Estimate | null): Estimate | null {
  if (s === null || f === null) return null;
  const value = kappa(s.value, f.value);
  if (value === null) return null;
  const room = 1 - f.value;
  return { value, influence: s.influence.map((each, i) => each / room - ((1 - s.value) / room ** 2) * (f.influence[i] ?? 0)) };
}

/** a − factor · b. */
export const lessThan = (a: Estimate, factor: number, b: Estimate): Estimate => ({
  value: a.value - factor * b.value,
  influence: a.influence.map((each, i) => each - factor * (b.influence[i] ?? 0)),
});

/** a/b, for a positive b. */
export const ratioOf = (a: Estimate, b: Estimate): Estimate => ({
  value: a.value / b.value,
  influence: a.influence.map((each, i) => each / b.value - (a.value / b.value ** 2) * (b.influence[i] ?? 0)),
});

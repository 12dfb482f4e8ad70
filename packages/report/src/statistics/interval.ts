import type { Estimate } from "./estimate.js";
import { studentQuantile } from "./student.js";
import type { SpreadOver } from "./verdict-report.js";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface Design {
  readonly draws: number;
  readonly images: number;
}

/** How far an estimate may be from what it estimates. */
export interface Uncertainty {
  /** standard error, in units of the estimate */
  readonly error: number;
  /** degrees of freedom of that error */
  readonly freedom: number;
}

/**
 * The uncertainty of an estimate over draws and images, both of which stand for others like them: two crossed random factors. With the
 * influences z of an estimate in a table of D draws × I images, and its mean squares between draws, between images and of the rest,
 *
 *   error² = (max(MS_D, MS_E) + max(MS_I, MS_E) − MS_E)/(D I)
 *
 * with Satterthwaite's degrees of freedom. This is the analysis of several readers and cases in radiology (Dorfman, Berbaum & Metz 1992;
 * Hillis 2007), applied to a linearised statistic. A factor with one value is left out; null where both have one.
 */
export function uncertaintyOf({ influence }: Estimate, { draws, images }: Design): Uncertainty | null {
  if (draws < 2 && images < 2) return null;
  const ofDraws = Array.from({ length: draws }, (_, d) => average(influence.subarray(d * images, (d + 1) * images)));
  const ofImages = Array.from({ length: images }, (_, i) => average(ofDraws.map((_, d) => influence[d * images + i] ?? 0)));
  const centre = average(influence);
  const [freeDraws, freeImages] = [draws - 1, images - 1];
  const betweenDraws = freeDraws > 0 ? (images * squares(ofDraws, centre)) / freeDraws : 0;
  const betweenImages = freeImages > 0 ? (draws * squares(ofImages, centre)) / freeImages : 0;
  const left = influence.map((z, at) => z - (ofDraws[Math.floor(at / images)] ?? 0) - (ofImages[at % images] ?? 0) + centre);
  const rest = freeDraws > 0 && freeImages > 0 ? squares(left, 0) / (freeDraws * freeImages) : 0;
  // Where two draws or images are more alike than chance lets expect, the rest says what their spread is.
  const [a, b] = [freeDraws > 0 ? Math.max(betweenDraws, rest) : 0, freeImages > 0 ? Math.max(betweenImages, rest) : 0];
  const spread = a + b - rest;
  if (spread === 0) return { error: 0, freedom: Math.max(freeDraws, freeImages) };
  const freedom = spread ** 2 / (square(a, freeDraws) + square(b, freeImages));
  return { error: Math.sqrt(spread / (draws * images)), freedom };
}

/** The value ± t · error, Student's t. */
export function intervalOf(estimate: Estimate, design: Design, confidence: number): Interval | null {
  const uncertainty = uncertaintyOf(estimate, design);
  return uncertainty && around(estimate.value, uncertainty, confidence);
}

export function around(value: number, { error, freedom }: Uncertainty, confidence: number): Interval {
  const half = error === 0 ? 0 : studentQuantile((1 + confidence) / 2, freedom) * error;
  return { low: value - half, high: value + half };
}

/** What an interval speaks of: a factor with one value says nothing about others. */
export function spreadOver({ draws, images }: Design): SpreadOver {
  if (draws > 1) return images > 1 ? "draws × images" : "draws";
  return images > 1 ? "images" : "nothing";
}

const square = (meanSquare: number, freedom: number): number => (freedom > 0 ? meanSquare ** 2 / freedom : 0);
const average = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const squares = (values: ArrayLike<number>, centre: number): number =>
  Array.from(values).reduce((sum, value) => sum + (value - centre) ** 2, 0);

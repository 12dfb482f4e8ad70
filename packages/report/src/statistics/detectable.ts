import type { Uncertainty } from "./interval.js";
import { studentQuantile } from "./student.js";

/** How often a difference of that size would be seen. */
export const POWER = 0.8;

/**
 * The smallest difference from the threshold that an experiment of this size would see in four of five repetitions, in units of the
 * estimate: (t₁ + t₂) · error, where t₁ is Student's quantile of the interval and t₂ that of the power (the minimum detectable effect
 * of Bloom 1995). It is the same whatever the estimate came out as.
 */
export const detectableBy = ({ error, freedom }: Uncertainty, confidence: number): number =>
  error === 0 ? 0 : (studentQuantile((1 + confidence) / 2, freedom) + studentQuantile(POWER, freedom)) * error;

import type { Uncertainty } from "./interval.js";
import { studentTail } from "./student.js";

/** How likely evidence at least as strong is if the truth is 0. */
export interface Tails {
  /** for the claim that the truth lies above 0 */
  readonly above: number;
  /** for the claim that it lies below */
  readonly below: number;
}

/**
 * The one-sided p-values that belong to the interval of an estimate: P(T > value/error) and P(T < value/error), Student's t with the
 * same degrees of freedom. So p < .025 exactly where the 95 % interval lies on that side of 0. Without any error the sign decides.
 */
export function tailsOf(value: number, { error, freedom }: Uncertainty): Tails {
  if (error === 0) return { above: value > 0 ? 0 : 1, below: value < 0 ? 0 : 1 };
  return { above: studentTail(value / error, freedom), below: studentTail(-value / error, freedom) };
}

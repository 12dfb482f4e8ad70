/** Inputs and outputs of programs. */
export const X = "x";
export const DY = "dy";
/** What a gradient that arrives at a ReLU is at least: one number. */
export const FLOOR = "floor";
export const RESULT = "result";
/** The output of the i-th node that was asked for, apart from a gradient. */
export const outputName = (i: number): string => `output${i}`;
/** What a way gives at its upper end. */
export const FORWARD = "forward";

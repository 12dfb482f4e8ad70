/** Inputs and outputs of programs. */
export const X = "x";
export const DY = "dy";
export const RESULT = "result";
/** What a way gives at its upper end. */
export const FORWARD = "forward";

import type { Rule } from "./rule.js";

/** The derivative: dy where 0 < y < maximum, 0 at the corners. */
export const standard: Rule = {
  name: "standard",
  pass: (dy, y, maximum, kernels) => kernels.reluGradient(dy, y, maximum),
};

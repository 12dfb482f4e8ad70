import { relu } from "@tensorflow/tfjs-core";
import type { Rule } from "./rule.js";

/** Guided backpropagation (Springenberg et al. 2015, arXiv:1412.6806): the positive part of dy where the derivative is 1, ReLU6 included. */
export const guided: Rule = {
  name: "guided",
  pass: (dy, y, maximum, kernels) => kernels.reluGradient(relu(dy), y, maximum),
};

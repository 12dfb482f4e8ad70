import { relu } from "@tensorflow/tfjs-core";
import type { Rule } from "./rule.js";

/** Deconvolutional network (Zeiler & Fergus 2014, arXiv:1311.2901): the positive part of dy, whatever the forward pass did. */
export const deconvnet: Rule = {
  name: "deconvnet",
  pass: (dy) => relu(dy),
};

import type { GradientRule } from "@assay/core/plugin";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Kernels } from "../ops/operation.js";

/** How the gradient passes a ReLU with output `y` and upper bound `maximum` (Infinity: none). */
export interface Rule {
  readonly name: GradientRule;
  pass(dy: Tensor, y: Tensor, maximum: number, kernels: Kernels): Tensor;
}

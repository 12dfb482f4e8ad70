import * as tf from "@tensorflow/tfjs-core";
import { foldAffine } from "./affine.js";
import type { Operation } from "./operation.js";

export interface Dense {
  readonly units: number;
  readonly bias: boolean;
}

/** Matrix product, kernels `[in, out]`. */
export const dense = ({ units, bias }: Dense): Operation => ({
  kind: "dense",
  reads: [],
  shape: ([input = []]) => {
    if (input.length !== 1) throw new Error(`takes a vector, not [${input.join(", ")}]`);
    return [units];
  },
  parameters: ([input]) => ({ kernel: [input?.[0] ?? 0, units], ...(bias && { bias: [units] }) }),
  fold: foldAffine,
  forward: ([x], { kernel, bias: b }, kernels) => {
    const y = tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D);
    return b ? kernels.addBias(y, b) : y;
  },
  gradient: ({ dy, operands, kernels }) => kernels.denseGradient(dy as tf.Tensor2D, operands["kernel"] as tf.Tensor2D),
});

import * as tf from "@tensorflow/tfjs-core";
import { present, type Operation, type PoolWindow } from "./operation.js";
import { slide } from "./window.js";

/** Largest value of a window; its gradient goes to the first one in row-major order. */
export const maxPool = (window: PoolWindow): Operation => ({
  kind: "max-pool",
  attributes: window,
  reads: ["x", "y"],
  shape: ([input = []]) => slide(input, window.size, window.strides, window.padding),
  forward: ([x]) => tf.maxPool(x as tf.Tensor4D, [...window.size], [...window.strides], window.padding),
  gradient: ({ dy, x, y, kernels }) =>
    kernels.maxPoolGradient(dy as tf.Tensor4D, present(x, "x") as tf.Tensor4D, present(y, "y") as tf.Tensor4D, window),
});

import * as tf from "@tensorflow/tfjs-core";
import { present, type Operation, type PoolWindow } from "./operation.js";
import { slide } from "./window.js";

/** Mean of the real cells of a window: padding is not counted. */
export const averagePool = (window: PoolWindow): Operation => ({
  kind: "average-pool",
  attributes: window,
  reads: [],
  shape: ([input = []]) => slide(input, window.size, window.strides, window.padding),
  forward: ([x]) => tf.avgPool(x as tf.Tensor4D, [...window.size], [...window.strides], window.padding),
  gradient: ({ dy, inputShapes, kernels }) =>
    kernels.averagePoolGradient(dy as tf.Tensor4D, present(inputShapes[0], "input shape"), window),
});

import * as tf from "@tensorflow/tfjs-core";
import type { Kernels, PoolWindow, Shape } from "../../ops/operation.js";
import { span } from "../../ops/window.js";
import { convolutionGradient, depthwiseGradient } from "./convolution-gradient.js";
import { firstMaxima } from "./max-pool-gradient.js";

/** Gradients from forward operations only: right on every backend, where TensorFlow.js 4.22's own are missing, wrong or slow. */
export const portableKernels: Kernels = {
  convolutionGradient,
  depthwiseGradient,

  maxPoolGradient: (dy, x, _y, window) =>
    tf.tensor4d(firstMaxima(dy.dataSync<"float32">(), x.dataSync<"float32">(), x.shape, dy.shape, window), x.shape),

  // The stock operation divides by the whole window at the border too: dy is scaled beforehand by window / real cells.
  averagePoolGradient: (dy, inputShape, window) => {
    const [n = 0, h = 0, w = 0, c = 0] = inputShape;
    const scaled = window.padding === "valid" ? dy : tf.mul(dy, windowOverRealCells(inputShape, window));
    return tf
      .engine()
      .runKernel(
        tf.AvgPoolGrad,
        { dy: scaled, input: tf.broadcastTo(tf.scalar(0), [n, h, w, c]) },
        { filterSize: [...window.size], strides: [...window.strides], pad: window.padding },
      ) as tf.Tensor4D;
  },

  reluGradient: (dy, y, maximum) => {
    const open = tf.greater(y, 0);
    return tf.mul(dy, tf.cast(maximum === Infinity ? open : tf.logicalAnd(open, tf.less(y, maximum)), "float32"));
  },

  addBias: (x, bias) => tf.add(x, bias),
};

function windowOverRealCells([, h = 0, w = 0]: Shape, { size, strides, padding }: PoolWindow): tf.Tensor4D {
  const along = (length: number, axis: 0 | 1): number[] => {
    const { length: out, before } = span(length, size[axis], strides[axis], padding);
    return Array.from({ length: out }, (_, i) => {
      const start = i * strides[axis] - before;
      return size[axis] / (Math.min(start + size[axis], length) - Math.max(start, 0));
    });
  };
  const rows = along(h, 0);
  const columns = along(w, 1);
  return tf.mul(tf.tensor4d(rows, [1, rows.length, 1, 1]), tf.tensor4d(columns, [1, 1, columns.length, 1]));
}

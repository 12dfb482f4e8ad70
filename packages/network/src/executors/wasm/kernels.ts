import * as tf from "@tensorflow/tfjs-core";
import type { Kernels, Padding, Shape, Window } from "../../ops/operation.js";
import { windowOverRealCells } from "../../ops/pool-padding.js";
import { span } from "../../ops/window.js";
import { planePadding } from "../plane-padding.js";
import { convolutionGradient, depthwiseGradient } from "./convolution-gradient.js";
import { firstMaxima } from "./max-pool-gradient.js";

/** Gradients from forward operations only: right on every backend, where TensorFlow.js 4.22's own are missing, wrong or slow. */
export const portableKernels: Kernels = {
  convolution: (x, kernel, window) => {
    const { x: padded, padding } = padBeforeGaps(x, kernel.shape, window);
    return tf.conv2d(padded, kernel, [...window.strides], planePadding(padding), "NHWC", [...window.dilations]);
  },

  depthwise: (x, kernel, window) => {
    const { x: padded, padding } = padBeforeGaps(x, kernel.shape, window);
    return tf.depthwiseConv2d(padded, kernel, [...window.strides], planePadding(padding), "NHWC", [...window.dilations]);
  },

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
      );
  },

  // `step` is ten times faster than a comparison on wasm.
  reluGradient: (dy, y, maximum) => {
    const open = tf.mul(dy, tf.step(y));
    return maximum === Infinity ? open : tf.mul(open, tf.step(tf.sub(maximum, y)));
  },

  // A product with a transposed matrix is thirty times slower on wasm: (kernel·dyᵀ)ᵀ moves the small one only.
  denseGradient: (dy, kernel) => tf.transpose(tf.matMul(kernel, tf.transpose(dy))),

  addBias: (x, bias) => tf.add(x, bias),
};

/** Where a stride is longer than the kernel, the wasm backend misplaces `same` windows: the border is then made beforehand. */
function padBeforeGaps(x: tf.Tensor4D, kernel: Shape, { strides, padding, dilations }: Window): { x: tf.Tensor4D; padding: Padding } {
  const gaps = strides.some((stride, axis) => stride > (kernel[axis] ?? 1));
  if (padding !== "same" || !gaps) return { x, padding };
  const border = (axis: 0 | 1): [number, number] => {
    const [length, size] = [x.shape[axis + 1] ?? 0, kernel[axis] ?? 1];
    const { length: out, before } = span(length, size, strides[axis], padding, dilations[axis]);
    return [before, Math.max(0, (out - 1) * strides[axis] + (size - 1) * dilations[axis] + 1 - length - before)];
  };
  return { x: tf.pad(x, [[0, 0], border(0), border(1), [0, 0]]), padding: "valid" };
}

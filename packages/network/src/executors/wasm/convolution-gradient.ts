import * as tf from "@tensorflow/tfjs-core";
import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { Shape, Window } from "../../ops/operation.js";
import { alongAxis, span } from "../../ops/window.js";

/**
 * The input gradient of a convolution as a forward convolution: dy with strides − 1 zeros between its cells and a border,
 * under the kernel turned by 180° with its channels exchanged. Ten times the speed of the wasm backend's own.
 */
export const convolutionGradient = (dy: Tensor4D, kernel: Tensor4D, inputShape: Shape, window: Window): Tensor4D =>
  tf.conv2d(spread(dy, kernel.shape, inputShape, window), turn(kernel), 1, "valid", "NHWC", [...window.dilations]);

/** The same for a depthwise convolution (the wasm backend has none): one pass a filter of the multiplier. */
export function depthwiseGradient(dy: Tensor4D, kernel: Tensor4D, inputShape: Shape, window: Window): Tensor4D {
  const [rows, columns, channels, multiplier] = kernel.shape;
  const wide = spread(dy, kernel.shape, inputShape, window);
  const turned = tf.reverse(kernel, [0, 1]);
  const pass = (filter: number): Tensor4D => {
    const own = tf.slice(turned, [0, 0, 0, filter], [rows, columns, channels, 1]);
    return tf.depthwiseConv2d(everyNth(wide, filter, multiplier), own, 1, "valid", "NHWC", [...window.dilations]);
  };
  return Array.from({ length: multiplier }, (_, filter) => pass(filter)).reduce((sum, part) => tf.add(sum, part));
}

const turn = (kernel: Tensor4D): Tensor4D => tf.transpose(tf.reverse(kernel, [0, 1]), [0, 1, 3, 2]);

/** Output channels of one filter: channel·multiplier + filter. */
function everyNth(x: Tensor4D, filter: number, multiplier: number): Tensor4D {
  if (multiplier === 1) return x;
  const [n, h, w, c] = x.shape;
  const cells = tf.reshape(x, [n * h * w, c / multiplier, multiplier]);
  return tf.reshape(tf.slice(cells, [0, 0, filter], [-1, -1, 1]), [n, h, w, c / multiplier]);
}

/** dy at the places of its windows, with the border that a full convolution needs. */
function spread(dy: Tensor4D, kernel: Shape, [, h = 0, w = 0]: Shape, { strides, padding, dilations }: Window): Tensor4D {
  const [n, rows, columns, c] = dy.shape;
  const border = (length: number, cells: number, axis: 0 | 1): [number, number] => {
    const size = kernel[axis] ?? 1;
    const { before } = span(length, size, strides[axis], alongAxis(padding, axis), dilations[axis]);
    return [(size - 1) * dilations[axis] - before, length - ((cells - 1) * strides[axis] + 1) + before];
  };
  const vertical = border(h, rows, 0);
  const horizontal = border(w, columns, 1);
  let wide: Tensor4D = dy;
  if (strides[1] > 1) {
    const gaps = tf.pad(tf.reshape(wide, [n * rows, columns, 1, c]), [
      [0, 0],
      [0, 0],
      [0, strides[1] - 1],
      [0, 0],
    ]);
    wide = tf.slice<tf.Rank.R4, Tensor4D>(
      tf.reshape(gaps, [n, rows, columns * strides[1], c]),
      [0, 0, 0, 0],
      [n, rows, (columns - 1) * strides[1] + 1, c],
    );
  }
  if (strides[0] > 1) {
    const width = wide.shape[2];
    const gaps = tf.pad(tf.reshape(wide, [n, rows, 1, width * c]), [
      [0, 0],
      [0, 0],
      [0, strides[0] - 1],
      [0, 0],
    ]);
    wide = tf.slice<tf.Rank.R4, Tensor4D>(
      tf.reshape(gaps, [n, rows * strides[0], width, c]),
      [0, 0, 0, 0],
      [n, (rows - 1) * strides[0] + 1, width, c],
    );
  }
  // A window that leaves its padding unused needs less than no border there.
  const cut = (edge: number): number => Math.max(0, -edge);
  const [top, bottom] = vertical;
  const [left, right] = horizontal;
  if (top < 0 || bottom < 0 || left < 0 || right < 0) {
    const [, height, width] = wide.shape;
    const size: [number, number, number, number] = [n, height - cut(top) - cut(bottom), width - cut(left) - cut(right), c];
    wide = tf.slice(wide, [0, cut(top), cut(left), 0], size);
  }
  return tf.pad(wide, [
    [0, 0],
    [Math.max(0, top), Math.max(0, bottom)],
    [Math.max(0, left), Math.max(0, right)],
    [0, 0],
  ]);
}

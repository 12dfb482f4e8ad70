import * as tf from "@tensorflow/tfjs-core";
import type { Padding, PoolWindow, Shape, Sides } from "./operation.js";
import { alongAxis, span } from "./window.js";

export const padPlane = (x: tf.Tensor4D, [rows, columns]: Sides, value: number): tf.Tensor4D =>
  tf.pad(x, [[0, 0], [...rows], [...columns], [0, 0]], value);

export const paddedShape = ([n = 0, h = 0, w = 0, c = 0]: Shape, [rows, columns]: Sides): Shape => [
  n,
  h + rows[0] + rows[1],
  w + columns[0] + columns[1],
  c,
];

/** The plane without its padding: the gradient of `padPlane`. */
export const cropPlane = (x: tf.Tensor4D, [rows, columns]: Sides, shape: Shape): tf.Tensor4D =>
  tf.slice(x, [0, rows[0], columns[0], 0], shape as tf.Tensor4D["shape"]);

export const isSides = (padding: Padding): padding is Sides => typeof padding !== "string";

/** Cells of a window over the cells of the image in it, at each place `[1, rows, columns, 1]`. */
export function windowOverRealCells([, h = 0, w = 0]: Shape, { size, strides, padding }: PoolWindow): tf.Tensor4D {
  const along = (length: number, axis: 0 | 1): number[] => {
    const { length: out, before } = span(length, size[axis], strides[axis], alongAxis(padding, axis));
    return Array.from({ length: out }, (_, i) => {
      const start = i * strides[axis] - before;
      return size[axis] / (Math.min(start + size[axis], length) - Math.max(start, 0));
    });
  };
  const rows = along(h, 0);
  const columns = along(w, 1);
  return tf.mul(tf.tensor4d(rows, [1, rows.length, 1, 1]), tf.tensor4d(columns, [1, 1, columns.length, 1]));
}

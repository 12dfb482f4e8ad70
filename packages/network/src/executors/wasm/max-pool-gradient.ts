import type { NamedPool, Shape } from "../../ops/operation.js";
import { span } from "../../ops/window.js";

/**
 * The gradient of max pooling: each window's dy goes to its first maximum in row-major order.
 * Written out because the wasm backend's own gives ties to the last maximum and drops windows whose maximum is negative.
 */
export function firstMaxima(
  dy: Float32Array,
  x: Float32Array,
  [n = 0, h = 0, w = 0, c = 0]: Shape,
  [, rows = 0, columns = 0]: Shape,
  { size, strides, padding }: NamedPool,
): Float32Array {
  const dx = new Float32Array(x.length);
  const top = span(h, size[0], strides[0], padding).before;
  const left = span(w, size[1], strides[1], padding).before;
  let at = 0;
  for (let image = 0; image < n; image++) {
    for (let row = 0; row < rows; row++) {
      const firstRow = Math.max(0, row * strides[0] - top);
      const lastRow = Math.min(h, row * strides[0] - top + size[0]);
      for (let column = 0; column < columns; column++) {
        const firstColumn = Math.max(0, column * strides[1] - left);
        const lastColumn = Math.min(w, column * strides[1] - left + size[1]);
        for (let channel = 0; channel < c; channel++, at++) {
          let best = ((image * h + firstRow) * w + firstColumn) * c + channel;
          let maximum = x[best]!;
          for (let i = firstRow; i < lastRow; i++) {
            let cell = ((image * h + i) * w + firstColumn) * c + channel;
            for (let j = firstColumn; j < lastColumn; j++, cell += c) {
              const value = x[cell]!;
              if (value > maximum) {
                maximum = value;
                best = cell;
              }
            }
          }
          dx[best] = dx[best]! + dy[at]!;
        }
      }
    }
  }
  return dx;
}

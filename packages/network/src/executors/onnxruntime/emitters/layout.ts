import type { Shape } from "../../../ops/operation.js";

/** A shape as it lies in ONNX, without the batch: planes have their channels first there. */
export function inOnnx(shape: Shape): Shape {
  const [h = 1, w = 1, c = 1] = shape;
  return shape.length === 3 ? [c, h, w] : shape;
}

/** Where an axis of `[h, w, c]` or of a vector, counted with the batch, lies in ONNX. */
export const axisInOnnx = (axis: number, shape: Shape): number => {
  const rank = shape.length + 1;
  const along = axis < 0 ? axis + rank : axis;
  return rank === 4 ? ([0, 2, 3, 1][along] ?? along) : along;
};

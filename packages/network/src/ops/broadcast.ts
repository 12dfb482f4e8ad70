import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "./operation.js";

/** Shape of two arrays of one rank under each other, an axis of size 1 repeated. */
export function together(a: Shape, b: Shape): Shape {
  const fits = a.length === b.length && a.every((size, i) => size === b[i] || size === 1 || b[i] === 1);
  if (!fits) throw new Error(`takes shapes that fit each other, not [${a.join(", ")}] and [${b.join(", ")}]`);
  return a.map((size, i) => Math.max(size, b[i] ?? 1));
}

/** The gradient of an input that was repeated: its sum over the repeated axes. Shapes are with the batch. */
export function collapse(dy: tf.Tensor, shape: Shape): tf.Tensor {
  const repeated = shape.flatMap((size, axis) => (size === 1 && dy.shape[axis] !== 1 ? [axis] : []));
  return repeated.length > 0 ? tf.sum(dy, repeated, true) : dy.clone();
}

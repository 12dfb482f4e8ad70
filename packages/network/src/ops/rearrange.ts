import * as tf from "@tensorflow/tfjs-core";
import { present, type Operation, type Shape } from "./operation.js";

export interface Rearrange {
  /** sizes that the input's numbers, row by row, are cut into */
  readonly split: Shape;
  /** the cut axis at each place afterwards; counted without the batch */
  readonly order: readonly number[];
  /** the output's shape */
  readonly shape: Shape;
}

const product = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

/** Numbers in another order and shape: cut into axes, the axes exchanged, and joined again. Its gradient goes the same way back. */
export const rearrange = ({ split, order, shape }: Rearrange): Operation => {
  const moves = order.some((axis, i) => axis !== i);
  const along = (axes: readonly number[]): number[] => [0, ...axes.map((axis) => axis + 1)];
  const back = order.map((_, axis) => order.indexOf(axis));
  return {
    kind: "rearrange",
    attributes: { split, order, shape } satisfies Rearrange,
    reads: [],
    shape: ([input = []]) => {
      if (product(input) !== product(shape)) throw new Error(`cannot see [${input.join(", ")}] as [${shape.join(", ")}]`);
      return shape;
    },
    forward: ([x]) => {
      const [n = 0] = present(x, "x").shape;
      const cut = tf.reshape(present(x, "x"), [n, ...split]);
      return tf.reshape(moves ? tf.transpose(cut, along(order)) : cut, [n, ...shape]);
    },
    gradient: ({ dy, inputShapes }) => {
      const [n = 0] = dy.shape;
      const cut = tf.reshape(dy, [n, ...order.map((axis) => split[axis] ?? 1)]);
      return tf.reshape(moves ? tf.transpose(cut, along(back)) : cut, [...present(inputShapes[0], "input shape")]);
    },
  };
};

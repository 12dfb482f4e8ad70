import * as tf from "@tensorflow/tfjs-core";
import { collapse, together } from "./broadcast.js";
import { present, type Operation } from "./operation.js";

/** Quotient a/b of two inputs, an axis of size 1 repeated. Gradients: dy/b, and −dy·a/b². */
export const divide: Operation = {
  kind: "divide",
  reads: ["x"],
  shape: ([a = [], b = []]) => together(a, b),
  forward: ([a, b]) => tf.div(present(a, "a"), present(b, "b")),
  gradient: ({ dy, index, inputShapes, xs }) => {
    const [a, b] = [present(xs?.[0], "a"), present(xs?.[1], "b")];
    const over = tf.div(dy, b);
    return collapse(index === 0 ? over : tf.neg(tf.mul(over, tf.div(a, b))), present(inputShapes[index], "input shape"));
  },
};

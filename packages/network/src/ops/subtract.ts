import * as tf from "@tensorflow/tfjs-core";
import { collapse, together } from "./broadcast.js";
import { present, type Operation } from "./operation.js";

/** Difference a − b of two inputs, an axis of size 1 repeated. */
export const subtract: Operation = {
  kind: "subtract",
  reads: [],
  shape: ([a = [], b = []]) => together(a, b),
  forward: ([a, b]) => tf.sub(present(a, "a"), present(b, "b")),
  gradient: ({ dy, index, inputShapes }) => collapse(index === 0 ? dy : tf.neg(dy), present(inputShapes[index], "input shape")),
};

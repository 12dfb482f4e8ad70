import * as tf from "@tensorflow/tfjs-core";
import { present, type Operation } from "./operation.js";

/** `[h, w, c]` to a vector, row by row. */
export const flatten: Operation = {
  kind: "flatten",
  reads: [],
  shape: ([input = []]) => [input.reduce((a, b) => a * b, 1)],
  forward: ([x]) => tf.reshape(present(x, "x"), [present(x, "x").shape[0], -1]),
  gradient: ({ dy, inputShapes }) => tf.reshape(dy, [...present(inputShapes[0], "input shape")]),
};

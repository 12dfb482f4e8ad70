import * as tf from "@tensorflow/tfjs-core";
import { collapse, together } from "./broadcast.js";
import { present, type Operation } from "./operation.js";

/** Product of two inputs, an axis of size 1 repeated: gates of squeeze-and-excitation, x·σ(x). Each input's gradient is dy times the other. */
export const multiply: Operation = {
  kind: "multiply",
  reads: ["x"],
  shape: ([a = [], b = []]) => together(a, b),
  forward: ([a, b]) => tf.mul(present(a, "a"), present(b, "b")),
  gradient: ({ dy, index, inputShapes, xs }) =>
    collapse(tf.mul(dy, present(xs?.[1 - index], "the other factor")), present(inputShapes[index], "input shape")),
};

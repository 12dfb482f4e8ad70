import * as tf from "@tensorflow/tfjs-core";
import { present, type Operation } from "./operation.js";

/** Softmax of the last axis. Gradients start before a final one; inside a network it is y ⊙ (dy − Σ dy ⊙ y). */
export const softmax: Operation = {
  kind: "softmax",
  reads: ["y"],
  shape: ([input = []]) => input,
  forward: ([x]) => tf.softmax(present(x, "x")),
  gradient: ({ dy, y }) => {
    const p = present(y, "y");
    return tf.mul(p, tf.sub(dy, tf.sum(tf.mul(dy, p), -1, true)));
  },
};

import * as tf from "@tensorflow/tfjs-core";
import { present, type Operation } from "./operation.js";

/** Logarithm of the softmax of the last axis. Gradients start before a final one; inside a network it is dy − eʸ Σ dy. */
export const logSoftmax: Operation = {
  kind: "log-softmax",
  reads: ["y"],
  shape: ([input = []]) => input,
  forward: ([x]) => tf.logSoftmax(present(x, "x")),
  gradient: ({ dy, y }) => tf.sub(dy, tf.mul(tf.exp(present(y, "y")), tf.sum(dy, -1, true))),
};

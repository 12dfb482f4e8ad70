import * as tf from "@tensorflow/tfjs-core";
import { collapse, together } from "./broadcast.js";
import { present, type Operation } from "./operation.js";

/** Sum of its inputs, an axis of size 1 repeated. */
export const add: Operation = {
  kind: "add",
  reads: [],
  shape: ([first = [], ...others]) => others.reduce(together, first),
  forward: (inputs) => inputs.slice(1).reduce((sum, x) => tf.add(sum, x), inputs[0] ?? tf.scalar(0)),
  gradient: ({ dy, index, inputShapes }) => collapse(dy, present(inputShapes[index], "input shape")),
};

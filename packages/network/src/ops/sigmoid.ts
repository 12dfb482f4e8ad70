import * as tf from "@tensorflow/tfjs-core";
import { present, type Operation } from "./operation.js";

/** σ(x) = 1/(1 + e⁻ˣ); its derivative is y(1 − y). */
export const sigmoid: Operation = {
  kind: "sigmoid",
  reads: ["y"],
  shape: ([input = []]) => input,
  forward: ([x]) => tf.sigmoid(present(x, "x")),
  gradient: ({ dy, y }) => {
    const p = present(y, "y");
    return tf.mul(dy, tf.mul(p, tf.sub(1, p)));
  },
};

import * as tf from "@tensorflow/tfjs-core";
import { present, type Operation } from "./operation.js";

/** min(max(x, low), high); its derivative is 1 between the bounds, 0 at them. A clip from 0 on is a ReLU. */
export const clip = (low: number, high: number): Operation => ({
  kind: "clip",
  attributes: { low, high },
  reads: ["x"],
  shape: ([input = []]) => input,
  forward: ([x]) => tf.minimum(tf.maximum(present(x, "x"), low), high),
  gradient: ({ dy, x }) => tf.mul(dy, tf.mul(tf.step(tf.sub(present(x, "x"), low)), tf.step(tf.sub(high, present(x, "x"))))),
});

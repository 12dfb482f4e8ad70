import * as tf from "@tensorflow/tfjs-core";
import { present, type Operation } from "./operation.js";

/** x where x > 0, else slope·x. Its gradient is the derivative under every rule: the modified rules speak of ReLU. */
export const leakyRelu = (slope: number): Operation => ({
  kind: "leaky-relu",
  attributes: { slope },
  reads: ["x"],
  shape: ([input = []]) => input,
  forward: ([x]) => tf.leakyRelu(present(x, "x"), slope),
  gradient: ({ dy, x }) => tf.mul(dy, tf.step(present(x, "x"), slope)),
});

import * as tf from "@tensorflow/tfjs-core";
import { present, type Operation } from "./operation.js";

/** max(0, x), cut at `maximum` (6 in MobileNets). Its gradient is the rule's. */
export const relu = (maximum: number = Infinity): Operation => ({
  kind: "relu",
  attributes: { maximum },
  reads: ["y"],
  shape: ([input = []]) => input,
  forward: ([x]) => {
    if (maximum === Infinity) return tf.relu(present(x, "x"));
    return maximum === 6 ? tf.relu6(present(x, "x")) : tf.clipByValue(present(x, "x"), 0, maximum);
  },
  gradient: ({ dy, y, rule, kernels }) => rule.pass(dy, present(y, "y"), maximum, kernels),
});

import * as tf from "@tensorflow/tfjs-core";
import type { Operation } from "./operation.js";

/** Sum of equal shapes. */
export const add: Operation = {
  kind: "add",
  reads: [],
  shape: (inputs) => {
    const first = inputs[0] ?? [];
    if (inputs.some((shape) => shape.join() !== first.join())) {
      throw new Error(`adds equal shapes, not ${inputs.map((shape) => `[${shape.join(", ")}]`).join(" and ")}`);
    }
    return first;
  },
  forward: (inputs) => inputs.slice(1).reduce((sum, x) => tf.add(sum, x), inputs[0] ?? tf.scalar(0)),
  gradient: ({ dy }) => dy.clone(),
};

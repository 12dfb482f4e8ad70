import * as tf from "@tensorflow/tfjs-core";
import type { Operation } from "./operation.js";

/** Joins along `axis`, counted with the batch; negative from the end. */
export const concatenate = (axis: number): Operation => {
  const along = (rank: number): number => (axis < 0 ? axis + rank : axis);
  return {
    kind: "concatenate",
    attributes: { axis },
    reads: [],
    shape: (inputs) => {
      const first = inputs[0] ?? [];
      const at = along(first.length + 1) - 1;
      if (at < 0 || at >= first.length) throw new Error(`has no axis ${axis}`);
      const fits = inputs.every((shape) => shape.length === first.length && shape.every((size, i) => i === at || size === first[i]));
      if (!fits) throw new Error(`cannot join ${inputs.map((shape) => `[${shape.join(", ")}]`).join(" and ")} along axis ${axis}`);
      return first.map((size, i) => (i === at ? inputs.reduce((sum, shape) => sum + (shape[i] ?? 0), 0) : size));
    },
    forward: (inputs) => tf.concat([...inputs], axis),
    gradient: ({ dy, index, inputShapes }) => {
      const at = along(dy.rank);
      const begin = dy.shape.map((_, i) => (i === at ? inputShapes.slice(0, index).reduce((sum, shape) => sum + (shape[at] ?? 0), 0) : 0));
      return tf.slice(dy, begin, [...(inputShapes[index] ?? [])]);
    },
  };
};

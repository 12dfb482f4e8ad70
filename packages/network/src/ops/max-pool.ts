import * as tf from "@tensorflow/tfjs-core";
import { present, type Operation, type PoolWindow } from "./operation.js";
import { cropPlane, isSides, padPlane } from "./pool-padding.js";
import { slide } from "./window.js";

/** Largest value of a window, padding never; its gradient goes to the first one in row-major order. */
export const maxPool = ({ size, strides, padding }: PoolWindow): Operation => ({
  kind: "max-pool",
  attributes: { size, strides, padding },
  reads: ["x", "y"],
  shape: ([input = []]) => slide(input, size, strides, padding),
  forward: ([x]) => {
    const plane = x as tf.Tensor4D;
    if (!isSides(padding)) return tf.maxPool(plane, [...size], [...strides], padding);
    return tf.maxPool(padPlane(plane, padding, -Infinity), [...size], [...strides], "valid");
  },
  gradient: ({ dy, x, y, kernels }) => {
    const [plane, pooled] = [present(x, "x") as tf.Tensor4D, present(y, "y") as tf.Tensor4D];
    if (!isSides(padding)) return kernels.maxPoolGradient(dy as tf.Tensor4D, plane, pooled, { size, strides, padding });
    const wide = padPlane(plane, padding, -Infinity);
    const dx = kernels.maxPoolGradient(dy as tf.Tensor4D, wide, pooled, { size, strides, padding: "valid" });
    return cropPlane(dx, padding, plane.shape);
  },
});

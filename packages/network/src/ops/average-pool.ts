import * as tf from "@tensorflow/tfjs-core";
import { present, type Operation, type PoolWindow } from "./operation.js";
import { cropPlane, isSides, paddedShape, padPlane, windowOverRealCells } from "./pool-padding.js";
import { slide } from "./window.js";

/** Mean of the real cells of a window: padding is not counted. */
export const averagePool = ({ size, strides, padding }: PoolWindow): Operation => ({
  kind: "average-pool",
  attributes: { size, strides, padding },
  reads: [],
  shape: ([input = []]) => slide(input, size, strides, padding),
  forward: ([x]) => {
    const plane = x as tf.Tensor4D;
    if (!isSides(padding)) return tf.avgPool(plane, [...size], [...strides], padding);
    const means = tf.avgPool(padPlane(plane, padding, 0), [...size], [...strides], "valid");
    return tf.mul(means, windowOverRealCells(plane.shape, { size, strides, padding }));
  },
  gradient: ({ dy, inputShapes, kernels }) => {
    const shape = present(inputShapes[0], "input shape");
    if (!isSides(padding)) return kernels.averagePoolGradient(dy as tf.Tensor4D, shape, { size, strides, padding });
    const scaled = tf.mul<tf.Tensor4D>(dy, windowOverRealCells(shape, { size, strides, padding }));
    const wide = kernels.averagePoolGradient(scaled, paddedShape(shape, padding), { size, strides, padding: "valid" });
    return cropPlane(wide, padding, shape);
  },
});

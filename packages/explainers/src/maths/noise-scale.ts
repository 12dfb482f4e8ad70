import { tf } from "@assay/core/plugin";

/** `[n, 1, 1, 1]`: sigma times the range (max − min) of each image. */
export const noiseScale = (x: tf.Tensor4D, sigma: number): tf.Tensor =>
  tf
    .max(x, [1, 2, 3], true)
    .sub(tf.min(x, [1, 2, 3], true))
    .mul(sigma);

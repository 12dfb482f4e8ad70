import { choice, defineExplainer, number, strictObject, tf } from "@assay/core/plugin";
import { canny } from "./maths/canny.js";

/** Sobel gradients `[n, h, w, 2]` (rows, columns) of the channel mean, edges replicated by reflection. */
export function sobel(gray: tf.Tensor4D): { rows: tf.Tensor4D; columns: tf.Tensor4D } {
  const padded = tf.mirrorPad(gray, [[0, 0], [1, 1], [1, 1], [0, 0]], "symmetric"); // prettier-ignore
  const kernel = [1, 2, 1, 0, 0, 0, -1, -2, -1];
  const rows = tf.tensor4d(kernel.map((v) => -v), [3, 3, 1, 1]); // prettier-ignore
  return { rows: tf.conv2d(padded, rows, 1, "valid"), columns: tf.conv2d(padded, tf.transpose(rows, [1, 0, 2, 3]), 1, "valid") };
}

/**
 * Control: an edge detector on the input, which never looks at the model.
 *
 *   A(x) = √(Gᵣ² + G_c²) with the 3×3 Sobel kernels on the mean of the channels; `canny` thins and thresholds it to {0, 1}.
 *
 * Identical for any two models: a method no better than this one cannot show what a model learned.
 */
export const edgeDetector = defineExplainer({
  name: "edge-detector",
  version: "1",
  summary: "edges of the input, whatever the model",
  paper: "Canny 1986, IEEE TPAMI 8(6)",
  params: strictObject({
    method: choice(["sobel", "canny"], { default: "sobel", description: "gradient magnitude, or Canny's thinned binary edges" }),
    sigma: number({ exclusiveMinimum: 0, default: 1, description: "canny: deviation of the smoothing, in pixels" }),
    low: number({ minimum: 0, default: 0.1, description: "canny: weak edges, as a share of the largest magnitude" }),
    high: number({ minimum: 0, default: 0.2, description: "canny: strong edges, as a share of the largest magnitude" }),
  }),
  control: "edges",
  async attribute(x, { params }) {
    const gray = tf.mean<tf.Tensor4D>(x, 3, true);
    if (params.method === "sobel") {
      const { rows, columns } = sobel(gray);
      return tf.sqrt(tf.add(tf.square(rows), tf.square(columns)));
    }
    const [n, height, width] = gray.shape;
    const values = (await gray.data()) as Float32Array;
    const edges = Array.from({ length: n }, (_, i) =>
      canny(values.subarray(i * height * width, (i + 1) * height * width), height, width, params),
    );
    return tf.tensor4d(Float32Array.from(edges.flatMap((map) => [...map])), [n, height, width, 1]);
  },
});

import { defineExplainer, inner, integer, number, optional, strictObject, tf } from "@assay/core/plugin";
import { noiseScale } from "./maths/noise-scale.js";

/**
 * VarGrad: the variance (ddof 0) of the attribution over noisy copies of the input, element by element.
 *
 *   A(x) = (1/N) Σₛ (gₛ − ḡ)²,   gₛ = g(x + εₛ),   εₛ ~ 𝒩(0, σ²)
 *
 * Zero on a linear network; tends to σ² diag(AAᵀ) for f = ½xᵀAx. Sums are taken about g₀, so that no digits cancel.
 */
export const vargrad = defineExplainer({
  name: "vargrad",
  version: "1",
  summary: "variance of the attribution over noisy copies of the input",
  paper: "Adebayo et al. 2018, arXiv:1810.03307",
  params: strictObject({
    samples: integer({ minimum: 1, default: 50, description: "noisy copies N" }),
    sigma: number({ minimum: 0, default: 0.15, description: "deviation of the noise, as a share of the image's own range" }),
    of: optional(inner({ description: "the attribution whose variance is taken; the plain gradient if not given" })),
  }),
  async attribute(x, { inner, mean, random, params: { samples, sigma } }) {
    const scale = noiseScale(x, sigma);
    const noisy = (s: number) => inner(x.add(random.normal(s).mul(scale)), s);
    const first = await noisy(0);
    const moments = await mean(samples, async (s) => {
      const d = tf.sub<tf.Tensor4D>(await noisy(s), first);
      return tf.concat4d([d, tf.square(d)], 0);
    });
    const [m, q] = tf.split<tf.Tensor4D>(moments, 2, 0);
    return tf.relu(tf.sub(q!, m!.square()));
  },
});

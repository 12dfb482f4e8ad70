import { defineExplainer, inner, integer, number, optional, strictObject } from "@assay/core/plugin";
import { noiseScale } from "./maths/noise-scale.js";

/**
 * SmoothGrad: the mean attribution over noisy copies of the input.
 *
 *   A(x) = (1/N) Σₛ g(x + εₛ),   εₛ ~ 𝒩(0, σ²),   σ = sigma · (max x − min x) of each image
 *
 * Tends to Ax for f = ½xᵀAx. The noisy input is not clipped. With `of: integrated-gradients` the baseline stays where it is.
 */
export const smoothgrad = defineExplainer({
  name: "smoothgrad",
  version: "1",
  summary: "mean attribution over noisy copies of the input",
  paper: "Smilkov et al. 2017, arXiv:1706.03825",
  params: strictObject({
    samples: integer({ minimum: 1, default: 50, description: "noisy copies N" }),
    sigma: number({ minimum: 0, default: 0.15, description: "deviation of the noise, as a share of the image's own range" }),
    of: optional(inner({ description: "the attribution that is averaged; the plain gradient if not given" })),
  }),
  async attribute(x, { inner, mean, random, params: { samples, sigma } }) {
    const scale = noiseScale(x, sigma);
    return mean(samples, (s) => inner(x.add(random.normal(s).mul(scale)), s));
  },
});

import { choice, defineExplainer, integer, numberOrFile, strictObject, tf } from "@assay/core/plugin";

/**
 * Integrated gradients: displacement from a baseline, times the mean gradient on the straight path to the input.
 *
 *   A(x) = (x − b) ⊙ (1/S) Σₛ ∇f(b + αₛ(x − b)),   αₛ = (s + ½)/S
 *
 * Completeness: Σ A(x) → f(x) − f(b) as S grows. On a linear network it is w ⊙ (x − b) at any S.
 * Departs from the original code, which takes αₛ = s/(S − 1) with both ends (`paper`, 1–7 % apart): at α = 0 a constant
 * image ties every max-pool window, so that rule is ill-conditioned there.
 */
export const integratedGradients = defineExplainer({
  name: "integrated-gradients",
  version: "1",
  summary: "mean gradient on the path from a baseline, times the displacement",
  paper: "Sundararajan et al. 2017, arXiv:1703.01365",
  params: strictObject({
    steps: integer({ minimum: 2, default: 50, description: "nodes S on the path" }),
    baseline: numberOrFile({ default: 0, description: "b: a constant in model-input units, or an .npy file shaped like one input" }),
    rule: choice(["midpoint", "paper"], {
      default: "midpoint",
      description: "where the nodes lie: interval midpoints, or both ends included",
    }),
  }),
  presets: { paper: { steps: 50, rule: "paper" } },
  async attribute(x, { gradient, mean, array, params: { steps, baseline, rule } }) {
    const b = tf.add(tf.zerosLike(x), array(baseline));
    const path = x.sub(b);
    const alpha = (s: number) => (rule === "midpoint" ? (s + 0.5) / steps : s / (steps - 1));
    return path.mul(await mean(steps, (s) => gradient(b.add(path.mul(alpha(s))))));
  },
});

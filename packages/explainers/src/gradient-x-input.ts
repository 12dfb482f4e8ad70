import { defineExplainer, strictObject } from "@assay/core/plugin";

/**
 * Gradient times input: A(x) = x ⊙ ∂S/∂x.
 *
 * Exactly zero wherever the input is: on MNIST the black background alone makes absolute Spearman .98 between any two models.
 */
export const gradientXInput = defineExplainer({
  name: "gradient-x-input",
  version: "1",
  summary: "gradient multiplied by the input",
  paper: "Shrikumar et al. 2016, arXiv:1605.01713",
  params: strictObject({}),
  attribute: async (x, { gradient }) => x.mul(await gradient(x)),
});

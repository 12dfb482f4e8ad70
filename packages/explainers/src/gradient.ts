import { defineExplainer, strictObject } from "@assay/core/plugin";

/**
 * The gradient of the explained logit with respect to the input: A(x) = ∂S/∂x, signed.
 *
 * On a linear network it is the weight vector, whatever the input.
 */
export const gradient = defineExplainer({
  name: "gradient",
  version: "1",
  summary: "gradient of the explained logit with respect to the input",
  paper: "Simonyan et al. 2014, arXiv:1312.6034",
  params: strictObject({}),
  attribute: (x, { gradient }) => gradient(x),
});

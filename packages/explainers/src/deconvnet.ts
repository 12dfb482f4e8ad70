import { defineExplainer, strictObject } from "@assay/core/plugin";

/**
 * DeconvNet: the gradient with dy · (dy > 0) at every ReLU, whatever the forward activation was.
 *
 * Through dead max-pool windows the signal goes to the first cell of the tie (row-major).
 */
export const deconvnet = defineExplainer({
  name: "deconvnet",
  version: "1",
  summary: "gradient with ReLU applied to the backward signal only",
  paper: "Zeiler & Fergus 2014, arXiv:1311.2901",
  params: strictObject({}),
  attribute: (x, { gradient }) => gradient(x, { rule: "deconvnet" }),
});

import { defineExplainer, strictObject } from "@assay/core/plugin";

/**
 * Guided backpropagation: the gradient with dy · (dy > 0) · (0 < y) at every ReLU.
 *
 * A ReLU6 passes where 0 < y < 6 (tools that touch only the plain ReLU return the plain gradient there). Keeps mostly what
 * the first layers see: late to notice that higher layers are destroyed (Adebayo et al. 2018; Sixt et al. 2020).
 */
export const guidedBackprop = defineExplainer({
  name: "guided-backprop",
  version: "1",
  summary: "gradient that passes only positive signals back through ReLUs",
  paper: "Springenberg et al. 2015, arXiv:1412.6806",
  params: strictObject({}),
  attribute: (x, { gradient }) => gradient(x, { rule: "guided" }),
});

import { defineExplainer } from "@assay/core/plugin";
import { cam, gradCam } from "./grad-cam.js";

/** Guided Grad-CAM: guided backpropagation times Grad-CAM, A(x) = GBP(x) ⊙ CAM(x). */
export const guidedGradCam = defineExplainer({
  name: "guided-grad-cam",
  version: "1",
  summary: "guided backpropagation multiplied by Grad-CAM",
  paper: "Selvaraju et al. 2017, arXiv:1610.02391",
  params: gradCam.params,
  presets: { paper: { resize: "legacy" } },
  needs: "convolution",
  async attribute(x, context) {
    const [guided, map] = await Promise.all([context.gradient(x, { rule: "guided" }), cam(x, context)]);
    return guided.mul(map);
  },
});

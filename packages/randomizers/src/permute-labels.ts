import { defineLabelRandomizer, strictObject } from "@assay/core/plugin";
import { permuteShare } from "./maths/permute-share.js";

/**
 * Data randomization: the training labels are permuted among the images, once a draw. Each class keeps its size, and nothing that
 * can be learned of an image tells its label; a network that fits such labels has learned them by heart. A map that is the same for it
 * says nothing of how images and labels belong together.
 */
export const permuteLabels = defineLabelRandomizer({
  name: "permute-labels",
  version: "1",
  summary: "permutes the training labels among the images",
  paper: "Adebayo et al. 2018, arXiv:1810.03292, section 5; after Zhang et al. 2017, arXiv:1611.03530",
  params: strictObject({}),
  order: "graded",
  stages: () => [{ name: "permuted", share: 1 }],
  relabel: permuteShare,
});

import { defineLabelRandomizer, list, number, strictObject } from "@assay/core/plugin";
import { permuteShare } from "./maths/permute-share.js";

/**
 * Data randomization by degrees: at each stage a share of the images exchange their labels among each other, the others keep them. The
 * shares of a draw nest: who has lost its label at 25 % has lost it at 50 %. Among k images that exchange labels some get their own
 * class back by chance, about one in ten on MNIST.
 */
export const labelNoise = defineLabelRandomizer({
  name: "label-noise",
  version: "1",
  summary: "permutes a growing share of the training labels",
  paper: "Zhang et al. 2017, arXiv:1611.03530; Adebayo et al. 2018, arXiv:1810.03292, section 5",
  params: strictObject({
    shares: list(number({ exclusiveMinimum: 0, maximum: 1, description: "a share of the labels, in (0, 1]" }), {
      description: "the stages: shares of labels that are permuted, rising",
      default: [0.25, 0.5, 0.75, 1],
      minItems: 1,
    }),
  }),
  order: "graded",
  stages: ({ shares }) =>
    [...shares].sort((a, b) => a - b).map((share) => ({ name: `permuted-${String(Math.round(share * 1000) / 10)}`, share })),
  relabel: permuteShare,
});

import { defineMetric, integer, notDefined, strictObject } from "@assay/core/plugin";
import { histogramEntropy } from "./maths/entropy.js";
import { notFinite } from "./maths/finite.js";

/**
 * Efficient MPRT: how much more complex the perturbed map b is than the reference a, as a share of a's own complexity.
 *
 *   rise = (H(b) − H(a)) / H(a),   H = −Σ pₖ ln pₖ over a histogram of equal bins on the map's own [min, max]
 *
 * A method that shows the trained network something simpler than noise has a rise above 0. No similarity: it is 0 for a map and itself, has
 * a direction, and does not see where values stand, so that neither a floor nor a verdict can be built on it. Not defined for constant maps.
 * Departs from the original code in the bins: 100 as in the paper, where Quantus also offers rules that choose their number from the data.
 */
export const complexityRise = defineMetric({
  name: "complexity-rise",
  version: "1",
  summary: "relative rise of the histogram's entropy from the first map to the second",
  paper: "Hedström et al. 2024, arXiv:2401.06465",
  params: strictObject({ bins: integer({ minimum: 2, default: 100, description: "equal bins of the histogram" }) }),
  range: [-1, Infinity],
  identical: 0,
  symmetric: false,
  domain: "pointwise",
  prepare: (map, { bins }) => notFinite(map) ?? histogramEntropy(map.values, bins) ?? notDefined("a constant map has one bin only"),
  compare: (a, b) => (b - a) / a,
});

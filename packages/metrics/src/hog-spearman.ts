import { defineMetric, notDefined } from "@assay/core/plugin";
import { notFinite } from "./maths/finite.js";
import { hogCell, hogMinimumSize, hogParams, hogVector } from "./maths/hog.js";
import { rankVector } from "./maths/ranks.js";
import { cosineOf } from "./maths/unit-vector.js";

/**
 * Spearman's correlation of the HOG vectors of two maps: what the original code computed where the paper's text says Pearson.
 *
 * Ranked after rounding to float32, so that entries equal but for the order of additions tie. Blind to the sign of a map.
 * Not defined for a constant map. Empty background counts as agreement, as zeros tie.
 */
export const hogSpearman = defineMetric({
  name: "hog-spearman",
  version: "2",
  summary: "rank correlation of histograms of oriented gradients",
  paper: "Adebayo et al. 2018, arXiv:1810.03292",
  params: hogParams,
  range: [-1, 1],
  identical: 1,
  domain: "spatial",
  minimumSize: hogMinimumSize,
  prepare(map, { cell }) {
    const broken = notFinite(map);
    if (broken) return broken;
    const hog = hogVector(map, hogCell(map, cell));
    return rankVector(new Float32Array(hog)) ?? notDefined("the HOG vector is constant: the map has no edges, or is smaller than a block");
  },
  compare: cosineOf,
});

import { defineMetric, notDefined } from "@assay/core/plugin";
import { notFinite } from "./maths/finite.js";
import { hogCell, hogMinimumSize, hogParams, placeHog } from "./maths/hog.js";
import { centredUnitAt, cosineOf } from "./maths/unit-vector.js";

/**
 * Pearson's correlation of the HOG vectors of two maps: 9 orientations, blocks of 3×3 cells, L2-Hys, as the paper's text has it.
 *
 * Blind to the sign of a map and to smooth offsets. Not defined for a constant map. Empty background counts as agreement:
 * its zero histograms are the same everywhere.
 */
export const hogPearson = defineMetric({
  name: "hog-pearson",
  version: "2",
  summary: "linear correlation of histograms of oriented gradients",
  paper: "Adebayo et al. 2018, arXiv:1810.03292",
  params: hogParams,
  range: [-1, 1],
  identical: 1,
  domain: "spatial",
  minimumSize: hogMinimumSize,
  prepare(map, { cell }) {
    const broken = notFinite(map);
    if (broken) return broken;
    const hog = placeHog(map, hogCell(map, cell));
    return centredUnitAt(hog.at, hog.length) ?? notDefined("the HOG vector is constant: the map has no edges, or is smaller than a block");
  },
  compare: cosineOf,
});

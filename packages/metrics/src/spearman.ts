import { defineMetric, notDefined, strictObject } from "@assay/core/plugin";
import { notFinite } from "./maths/finite.js";
import { rankVector } from "./maths/ranks.js";
import { cosineOf } from "./maths/unit-vector.js";

/**
 * Spearman's rank correlation: Pearson's of the tie-averaged ranks over the flattened map.
 *
 *   ρ = Σ (rₐ − r̄)(r_b − r̄) / √(Σ (rₐ − r̄)² Σ (r_b − r̄)²)
 *
 * Unchanged by any increasing function of the values. Not defined for a constant map. Misleading where zeros are shared:
 * with a share z of cells at 0 in both maps and the rest independent it tends to 3z/(1 + z + z²), .98 at z = .8.
 */
export const spearman = defineMetric({
  name: "spearman",
  version: "2",
  summary: "rank correlation over all cells, ties averaged",
  paper: "Adebayo et al. 2018, arXiv:1810.03292",
  params: strictObject({}),
  range: [-1, 1],
  identical: 1,
  domain: "pointwise",
  prepare: (map) => notFinite(map) ?? rankVector(map.values) ?? notDefined("a constant map has no correlation"),
  compare: cosineOf,
});

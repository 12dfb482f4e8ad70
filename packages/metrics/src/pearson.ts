import { defineMetric, notDefined, strictObject } from "@assay/core/plugin";
import { notFinite } from "./maths/finite.js";
import { centredUnitVector, cosineOf } from "./maths/unit-vector.js";

/**
 * Pearson's correlation over the flattened map.
 *
 *   r = Σ (a − ā)(b − b̄) / √(Σ (a − ā)² Σ (b − b̄)²)
 *
 * Unchanged by scale and offset. Not defined for a constant map. A few large cells decide it where maps have heavy tails.
 */
export const pearson = defineMetric({
  name: "pearson",
  version: "2",
  summary: "linear correlation over all cells",
  params: strictObject({}),
  range: [-1, 1],
  identical: 1,
  domain: "pointwise",
  prepare: (map) => notFinite(map) ?? centredUnitVector(map.values) ?? notDefined("a constant map has no correlation"),
  compare: cosineOf,
});

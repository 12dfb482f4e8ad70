import { defineMetric, notDefined, strictObject } from "@assay/core/plugin";
import { notFinite } from "./maths/finite.js";
import { cosineOf, unitVector } from "./maths/unit-vector.js";

/**
 * Cosine of the angle between two flattened maps.
 *
 *   cos = Σ ab / √(Σ a² Σ b²)
 *
 * Unchanged by scale, but not by offset: two positive maps are alike by their means alone. Not defined for an all-zero map.
 */
export const cosine = defineMetric({
  name: "cosine",
  version: "2",
  summary: "cosine of the angle between the flattened maps",
  params: strictObject({}),
  range: [-1, 1],
  identical: 1,
  domain: "pointwise",
  prepare: (map) => notFinite(map) ?? unitVector(map.values) ?? notDefined("an all-zero map has no direction"),
  compare: cosineOf,
});

import { defineMetric, notDefined, number, strictObject } from "@assay/core/plugin";
import { notFinite } from "./maths/finite.js";
import { ascendingOrder } from "./maths/ranks.js";

/**
 * Of the k = ⌊share · n⌋ largest signed values of one map, the share that is also among the k largest of the other.
 *
 *   |Tₐ ∩ T_b| / k
 *
 * By chance it is k/n. Not defined where the k-th and the next value tie, as the set is then not unique: sparse maps, and
 * maps that a view clipped at the 99th percentile when `share` is under .01.
 */
export const topKOverlap = defineMetric({
  name: "top-k-overlap",
  version: "1",
  summary: "share of the largest cells that two maps have in common",
  params: strictObject({
    share: number({ exclusiveMinimum: 0, maximum: 1, default: 0.1, description: "cells taken as the top, as a share of all" }),
  }),
  range: [0, 1],
  identical: 1,
  domain: "pointwise",
  prepare(map, { share }) {
    const broken = notFinite(map);
    if (broken) return broken;
    const { values } = map;
    const k = Math.floor(share * values.length);
    if (k === 0) return notDefined("the share of top cells is less than one cell");
    const order = ascendingOrder(values);
    const border = values.length - k;
    if (border > 0 && values[order[border]!] === values[order[border - 1]!]) return notDefined("the border of the top k is a tie");
    const top = order.subarray(border);
    const isTop = new Uint8Array(values.length);
    for (const cell of top) isTop[cell] = 1;
    return { top, isTop };
  },
  compare(a, b) {
    let shared = 0;
    for (const cell of a.top) shared += b.isTop[cell]!;
    return shared / a.top.length;
  },
});

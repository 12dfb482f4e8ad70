import { defineReport, integer, strictObject } from "@assay/core/plugin";
import { html } from "./html/markup.js";
import { datasetOf, mapsOf } from "./inputs.js";
import type { TableData } from "./tables/table-data.js";
import { tableMarkup } from "./tables/table-markup.js";
import { largestError, sums } from "./theory/errors.js";
import { neighbourPairs } from "./theory/flat-regions.js";
import { mapTable } from "./theory/map-table.js";

const PICTURED = 3;

/**
 * What the gradient of f(x) = Σ ReLU(w ∗ x) must be: at a pixel, the sum of those entries of the 3×3 kernel whose window over it is active.
 *
 *   Σ x ⊙ ∇f = f(x),   at most 2⁹ values a filter,   neighbours in a flat region share theirs
 *
 * The first holds because f is linear as long as the pattern of active windows stays. One-channel images, no bias, one filter a network; pixels
 * nearer than two to the border have fewer windows and are left out.
 */
export const sumPoolTheory = defineReport({
  name: "sum-pool-theory",
  version: "1",
  summary: "the gradient of a summed convolution: its values, and where they change",
  paper: "Adebayo et al. 2018, arXiv:1810.03292, section 5.2",
  params: strictObject({ filters: integer({ minimum: 1, default: 4, description: "filters pictured, the first of the axis" }) }),
  inputs: {
    images: { type: "dataset" },
    gradient: { type: "maps" },
    difference: { type: "maps" },
    edges: { type: "maps" },
  },
  async build(inputs, { filters }) {
    const dataset = datasetOf(inputs, "images");
    const [height, width] = dataset.shape;
    const size = height * width;
    const x = await dataset.read(0, dataset.count);
    const pairs = Array.from({ length: dataset.count }, (_, i) => neighbourPairs(x.subarray(i * size, (i + 1) * size), height, width));
    const gradients = mapsOf(inputs, "gradient").groups.map(({ maps }) => maps.values);
    const outputs = mapsOf(inputs, "difference").groups.map(({ maps }) => maps.values);
    const change = { flat: { count: 0, changed: 0, largest: 0 }, uneven: { count: 0, changed: 0, largest: 0 } };
    let [error, distinct] = [0, 0];
    gradients.forEach((g, filter) => {
      const f = Float64Array.from({ length: dataset.count }, (_, i) => outputs[filter]![i * size]!);
      error = Math.max(error, largestError(sums(g.map((v, i) => v * x[i]!), dataset.count), f)); // prettier-ignore
      const values = new Set<number>();
      pairs.forEach((own, image) => {
        for (const kind of ["flat", "uneven"] as const) {
          for (const cell of own[kind]) {
            const [left, right] = [g[image * size + cell]!, g[image * size + cell + 1]!];
            const moved = Math.abs(left - right);
            const tally = change[kind];
            tally.count++;
            if (moved > 0) tally.changed++;
            tally.largest = Math.max(tally.largest, moved);
            values.add(left);
          }
        }
      });
      distinct = Math.max(distinct, values.size);
    });
    const { flat, uneven } = change;
    const data: TableData = {
      kind: "table",
      columns: [
        { name: "of the gradient", as: "text" },
        { name: "figure", as: "exponent" },
      ],
      rows: [
        ["Σ x ⊙ gradient = f(x): largest relative error", error],
        ["largest change between neighbours in flat regions", flat.largest],
        ["share of neighbours that differ, in flat regions", flat.count > 0 ? flat.changed / flat.count : null],
        ["share of neighbours that differ, elsewhere", uneven.count > 0 ? uneven.changed / uneven.count : null],
        ["most values of one filter, of at most 512", distinct],
      ],
      note: `${gradients.length} filters × ${dataset.count} images; ${flat.count / gradients.length} pairs of neighbours lie in flat regions, ${uneven.count / gradients.length} elsewhere`,
    };
    const shown = mapsOf(inputs, "gradient").groups.slice(0, filters);
    const pictures = await mapTable(dataset, PICTURED, [
      { name: "Sobel", maps: mapsOf(inputs, "edges").groups[0]!.maps, view: "absolute" },
      ...shown.map(({ axes, maps }) => ({ name: `filter ${axes["filter"] ?? ""}`, maps, view: "absolute" as const })),
    ]);
    return { title: "The summed convolution", data, html: html`${tableMarkup(data)}${pictures}`.text };
  },
});

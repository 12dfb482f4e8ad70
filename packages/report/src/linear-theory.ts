import { defineReport, number, strictObject, type MapStack, type ReportInputs } from "@assay/core/plugin";
import { html } from "./html/markup.js";
import { datasetOf, mapsOf } from "./inputs.js";
import type { TableData } from "./tables/table-data.js";
import { tableMarkup } from "./tables/table-markup.js";
import { correlation, largestError, sums } from "./theory/errors.js";
import { mapTable } from "./theory/map-table.js";

const PICTURED = 3;

/**
 * What a linear network's maps must be, beside what they are. The weights are read off the outputs alone: hiding pixel i behind the
 * value p drops the output by wᵢ (xᵢ − p), so `probe` (occlusion, window 1) gives w = A/(x − p).
 *
 *   gradient = smoothgrad = w,   IG = (x − x̄) ⊙ w,   Σ IG = f(x) − f(x̄)
 *
 * An error is max |a − b| / max |b| over all cells of all images. Summaries of the paper print the integrated gradients as (x − x̄) ⊙ w/2 or
 * (x − x̄) ⊙ x/2, by differentiating along the path's own parameter too; their errors are shown.
 */
export const linearTheory = defineReport({
  name: "linear-theory",
  version: "1",
  summary: "the maps of a linear network beside their closed forms",
  paper: "Adebayo et al. 2018, arXiv:1810.03292, section 5.1",
  params: strictObject({
    probe: number({ default: -1, description: "p: what `probe` put in place of each pixel, a value that no pixel has" }),
  }),
  inputs: {
    images: { type: "dataset" },
    probe: { type: "maps" },
    gradient: { type: "maps" },
    smoothgrad: { type: "maps" },
    integrated: { type: "maps" },
    difference: { type: "maps" },
  },
  async build(inputs, { probe }) {
    const dataset = datasetOf(inputs, "images");
    const x = await dataset.read(0, dataset.count);
    const w = single(inputs, "probe").values.map((drop, i) => drop / (x[i]! - probe));
    const [gradient, smoothgrad] = [single(inputs, "gradient"), single(inputs, "smoothgrad")];
    const ofPaths = mapsOf(inputs, "integrated").groups.map(({ axes, maps }) => {
      const baseline = Number(axes["baseline"] ?? 0);
      const difference = mapsOf(inputs, "difference").groups.find((group) => group.axes["baseline"] === axes["baseline"])!.maps.values;
      // the drop of the output when the whole image is hidden stands in every cell
      const drops = Float64Array.from({ length: dataset.count }, (_, i) => difference[(i * difference.length) / dataset.count]!);
      const against = (form: (i: number) => number) =>
        largestError(
          maps.values,
          Float64Array.from(maps.values, (_, i) => form(i)),
        );
      const from = (i: number) => x[i]! - baseline;
      const at = `x̄ = ${baseline}`;
      return {
        maps,
        at,
        right: [
          [`IG = (x − x̄) ⊙ w, ${at}`, against((i) => from(i) * w[i]!)],
          [`Σ IG = f(x) − f(x̄), ${at}`, largestError(sums(maps.values, dataset.count), drops)],
        ],
        misprinted: [
          [`misprint: IG = (x − x̄) ⊙ w/2, ${at}`, against((i) => (from(i) * w[i]!) / 2)],
          [`misprint: IG = (x − x̄) ⊙ x/2, ${at}`, against((i) => (from(i) * x[i]!) / 2)],
        ],
      };
    });
    const neighbours = correlation(gradient.values.subarray(1), gradient.values.subarray(0, -1));
    const data: TableData = {
      kind: "table",
      columns: [
        { name: "closed form", as: "text" },
        { name: "largest relative error", as: "exponent" },
      ],
      rows: [
        ["gradient = w", largestError(gradient.values, w)],
        ["smoothgrad = w", largestError(smoothgrad.values, w)],
        ...ofPaths.flatMap(({ right }) => right),
        ...ofPaths.flatMap(({ misprinted }) => misprinted),
      ],
      note: `${dataset.count} images; w from the outputs alone; neighbouring cells of the gradient correlate by ${neighbours.toFixed(3)}: white noise`,
    };
    const pictures = await mapTable(dataset, PICTURED, [
      { name: "gradient", maps: gradient, view: "signed" },
      { name: "smoothgrad", maps: smoothgrad, view: "signed" },
      ...ofPaths.map(({ maps, at }) => ({ name: `IG, ${at}`, maps, view: "signed" as const })),
    ]);
    return { title: "The linear network", data, html: html`${tableMarkup(data)}${pictures}`.text };
  },
});

const single = (inputs: ReportInputs, port: string): MapStack => mapsOf(inputs, port).groups[0]!.maps;

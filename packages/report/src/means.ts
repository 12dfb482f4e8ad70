import { defineReport, strictObject, text, type ScoreGroup } from "@assay/core/plugin";
import { scoresOf } from "./inputs.js";
import { meanOf, type Cells } from "./statistics/estimate.js";
import { intervalOf, spreadOver } from "./statistics/interval.js";
import { groupBy } from "./statistics/group-by.js";
import type { TableData } from "./tables/table-data.js";
import { tableMarkup } from "./tables/table-markup.js";

/**
 * The mean score at every point of the collected axes but one, with a 95 % interval that speaks of other values
 * of that one axis (draws, filters, other classes) and of other images.
 *
 * For scores that need no floor and no verdict. Undefined scores are counted and left out.
 */
export const means = defineReport({
  name: "means",
  version: "1",
  summary: "mean scores with intervals, one row a point of the axes",
  params: strictObject({
    over: text({
      default: "draw",
      minLength: 1,
      description: "the axis whose values, with the images, the interval is taken over; all others make rows",
    }),
  }),
  inputs: { scores: { type: "scores" } },
  build(inputs, { over }) {
    const { axes, groups } = scoresOf(inputs, "scores");
    const spread = axes.find(({ name }) => name === over)?.values ?? [""];
    const rowAxes = axes.map(({ name }) => name).filter((name) => name !== over);
    const images = [...new Set(groups.flatMap(({ scores }) => scores.map(({ image }) => image)))].sort((a, b) => a - b);
    const design = { draws: spread.length, images: images.length };
    const rows = [...groupBy(groups, (group) => JSON.stringify(rowAxes.map((name) => group.axes[name]))).values()].map((own) => {
      const cells = cellsOf(own, (group) => spread.indexOf(group.axes[over] ?? ""), spread.length, images);
      const mean = meanOf(cells, spread.length);
      const interval = mean && intervalOf(mean, design, 0.95);
      const scores = own.reduce((sum, group) => sum + group.scores.length, 0);
      const defined = cells.counts.reduce((sum, count) => sum + count, 0);
      const point = rowAxes.map((name) => own[0]?.axes[name] ?? "");
      return [...point, mean?.value ?? null, interval?.low ?? null, interval?.high ?? null, scores, scores - defined];
    });
    const data: TableData = {
      kind: "table",
      columns: [
        ...rowAxes.map((name) => ({ name, as: "text" as const })),
        ...["mean", "low", "high"].map((name) => ({ name, as: "decimal" as const })),
        ...["scores", "undefined"].map((name) => ({ name, as: "count" as const })),
      ],
      rows,
      note: `low and high: 95 % over ${spreadOver(design).replace("draws", `the axis ${over}`)}`,
    };
    return Promise.resolve({ title: "Mean scores", data, html: tableMarkup(data).text });
  },
});

/** Sums and counts of the defined scores by value of the axis and image. */
function cellsOf(groups: readonly ScoreGroup[], rowOf: (group: ScoreGroup) => number, rows: number, images: readonly number[]): Cells {
  const column = new Map(images.map((image, i) => [image, i]));
  const sums = new Float64Array(rows * images.length);
  const counts = new Float64Array(rows * images.length);
  for (const group of groups) {
    for (const { image, value } of group.scores) {
      if (value === null) continue;
      const at = Math.max(0, rowOf(group)) * images.length + column.get(image)!;
      sums[at]! += value;
      counts[at]! += 1;
    }
  }
  return { rows, images: images.length, sums, counts };
}

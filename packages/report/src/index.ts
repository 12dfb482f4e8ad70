import { curves } from "./curves.js";
import { grid } from "./grid.js";
import { linearTheory } from "./linear-theory.js";
import { means } from "./means.js";
import { sumPoolTheory } from "./sum-pool-theory.js";
import { verdict } from "./verdict.js";

export { explainerColor } from "./colors.js";
export { renderPage, type PageInput, type PageSection } from "./page.js";
export { GLOSSES } from "./html/verdict-table.js";
export { isCurvesData } from "./curves.js";
export { isGridData } from "./grid.js";
export type { GridData } from "./grid.js";
export { enlarged, stageComposites } from "./composites.js";
export { isVerdictReport, VERDICTS } from "./statistics/verdict-report.js";
export type { MethodRow, MetricRow, ResampledOver, StageRow, Verdict, VerdictReport, Verdicts } from "./statistics/verdict-report.js";
export { isTableData, writtenRows, type TableData } from "./tables/table-data.js";
export { tableMarkup } from "./tables/table-markup.js";
export { curves, grid, linearTheory, means, sumPoolTheory, verdict };

export default [verdict, curves, grid, means, linearTheory, sumPoolTheory];

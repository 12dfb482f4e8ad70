import { verdict } from "./verdict.js";

export { verdict } from "./verdict.js";
export { isVerdictReport, VERDICTS } from "./statistics/verdict-report.js";
export type { MethodRow, MetricRow, ResampledOver, StageRow, Verdict, VerdictReport } from "./statistics/verdict-report.js";

export default [verdict];

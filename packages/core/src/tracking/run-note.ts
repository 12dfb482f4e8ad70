import type { ExplainerSummary, RunSummary, SummaryCurve } from "./run-summary.js";

/** Stands for the address of the report until the upload knows it. */
export const REPORT_LINK = "assay:report";
/** Stands for the address of the chart page. */
export const CHARTS_LINK = "assay:charts";

/** The parent's page: the question, the verdict table first, and where to look on. */
export function runNote(summary: RunSummary): string {
  const rows = summary.explainers.map(({ name, verdict, control, verdictNote }) =>
    row([control ? `${name} (control)` : name, `**${verdict}**`, verdictNote]),
  );
  const hasReport = summary.artifacts.some(({ path }) => path === "report.html");
  return [
    summary.question,
    "",
    row(["explainer", "verdict", "why"]),
    row(["---", "---", "---"]),
    ...rows,
    "",
    `${hasReport ? `[Report with map grids](${REPORT_LINK}) · ` : ""}[Curves of all explainers](${CHARTS_LINK})`,
  ].join("\n");
}

/** A child's page: its verdict, and the stage names that the chart's axis shows as numbers. */
export function explainerNote(explainer: ExplainerSummary): string {
  const stages = [...stagesByOrder(explainer.curves)].map(([order, names]) =>
    [`Stages of \`${order}\`:`, "", ...names.map((name, step) => `${step}. ${name}`)].join("\n"),
  );
  return [`**${explainer.verdict}**: ${explainer.verdictNote}`, ...stages].join("\n\n");
}

/** Stage names by order, indexed by step. */
export function stagesByOrder(curves: readonly SummaryCurve[]): Map<string, string[]> {
  const orders = new Map<string, (string | undefined)[]>();
  for (const { order, points } of curves) {
    const names = orders.get(order) ?? [];
    for (const { step, stage } of points) names[step] = stage;
    orders.set(order, names);
  }
  return new Map([...orders].map(([order, names]) => [order, Array.from(names, (name) => name ?? "")]));
}

const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replace(/\s+/g, " ")).join(" | ")} |`;

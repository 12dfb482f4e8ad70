import type { VerdictReport, Verdicts } from "@assay/report";
import { table } from "./table.js";

const number = (value: number) =>
  value
    .toFixed(2)
    .replace("-0.00", "0.00")
    .replace(/^(-?)0\./, "$1.");

/** Holm-adjusted. */
const chance = (p: number | null) => (p === null ? "" : p < 0.001 ? "< .001" : p.toFixed(3).replace(/^0\./, "."));

function interval(value: number | null, low: number | null, high: number | null): string {
  if (value === null) return "";
  return low === null || high === null ? number(value) : `${number(value)} [${number(low)}, ${number(high)}]`;
}

/** The verdicts as a terminal shows them; where there are several nodes, each under its name. */
export function verdictTables(verdicts: Verdicts): string {
  const nodes = Object.entries(verdicts);
  if (nodes.length === 0) return "\nno verdicts: the spec has no report/verdict node, or none was computed\n";
  return nodes.map(([node, report]) => `\n${nodes.length > 1 ? `${node}\n\n` : ""}${verdictTable(report)}`).join("");
}

function verdictTable(report: VerdictReport): string {
  const { methods, draws, images, threshold, order, stages, finalStage, middleStage, restsOn, families } = report;
  const rows = methods.map((row) => [
    row.method,
    row.label,
    row.metric ?? "",
    row.stage ?? "",
    interval(row.kappa, row.kappaLow, row.kappaHigh),
    ...(restsOn === "rho" ? [interval(row.rho, row.rhoLow, row.rhoHigh)] : []),
    chance(row.pAdjusted),
    row.control ? `control (${row.control})` : "",
  ]);
  const open = methods
    .filter(({ verdict }) => verdict === "inconclusive")
    .map(({ method, reason }) => `${method} is inconclusive: ${reason}\n`);
  const head = ["method", "verdict", "by", "at", "κ [95 %]", ...(restsOn === "rho" ? ["ρ [95 %]"] : []), "p", ""];
  const where =
    order === "independent"
      ? `each alone: ${stages.join(", ")}`
      : order === "graded"
        ? `judged at ${finalStage}`
        : `half-way ${middleStage}, end ${finalStage}`;
  const basis = restsOn === "rho" ? "; ρ = κ/κ of retraining, which verdicts rest on" : "";
  const counts = `${draws} ${draws === 1 ? "draw" : "draws"} × ${images} ${images === 1 ? "image" : "images"}`;
  const foot = `${counts}; κ 1 nothing changed, 0 chance${basis}; threshold ${number(threshold)}; ${where}`;
  const seen = methods.flatMap(({ detectable }) => detectable ?? []);
  const size = seen.length > 0 ? `; a change of κ by ${number(Math.max(...seen))} would be seen in every row` : "";
  const adjusted = `p: Holm-adjusted over ${families.charges} claims against a method and ${families.clearances} in favour; below ${chance(families.level)} holds`;
  return `${table(head, rows)}\n\n${open.join("")}${foot}${size}\n${families.charges + families.clearances > 0 ? `${adjusted}\n` : ""}`;
}

import type { MethodRow, VerdictReport, Verdicts } from "@assay/report";
import { table } from "./table.js";

const number = (value: number) => value.toFixed(2).replace(/^(-?)0\./, "$1.");

function kappa({ kappa, kappaLow, kappaHigh }: MethodRow): string {
  if (kappa === null) return "";
  return kappaLow === null || kappaHigh === null ? number(kappa) : `${number(kappa)} [${number(kappaLow)}, ${number(kappaHigh)}]`;
}

/** The verdicts as a terminal shows them; where there are several nodes, each under its name. */
export function verdictTables(verdicts: Verdicts): string {
  const nodes = Object.entries(verdicts);
  if (nodes.length === 0) return "\nno verdicts: the spec has no report/verdict node, or none was computed\n";
  return nodes.map(([node, report]) => `\n${nodes.length > 1 ? `${node}\n\n` : ""}${verdictTable(report)}`).join("");
}

function verdictTable({ methods, draws, images, threshold, order, stages, finalStage, middleStage }: VerdictReport): string {
  const rows = methods.map((row) => [
    row.method,
    row.label,
    row.metric ?? "",
    row.stage ?? "",
    kappa(row),
    row.control ? `control (${row.control})` : "",
  ]);
  const open = methods
    .filter(({ verdict }) => verdict === "inconclusive")
    .map(({ method, reason }) => `${method} is inconclusive: ${reason}\n`);
  const head = ["method", "verdict", "by", "at", "κ [95 %]", ""];
  const where = order === "independent" ? `each alone: ${stages.join(", ")}` : `half-way ${middleStage}, end ${finalStage}`;
  const counts = `${draws} ${draws === 1 ? "draw" : "draws"} × ${images} ${images === 1 ? "image" : "images"}`;
  const foot = `${counts}; κ 1 nothing changed, 0 chance; threshold ${number(threshold)}; ${where}`;
  return `${table(head, rows)}\n\n${open.join("")}${foot}\n`;
}

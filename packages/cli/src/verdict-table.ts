import type { MethodRow, VerdictReport } from "@assay/report";
import { table } from "./table.js";

const number = (value: number) => value.toFixed(2).replace(/^(-?)0\./, "$1.");

function kappa({ kappa, kappaLow, kappaHigh }: MethodRow): string {
  if (kappa === null) return "";
  return kappaLow === null || kappaHigh === null ? number(kappa) : `${number(kappa)} [${number(kappaLow)}, ${number(kappaHigh)}]`;
}

/** The verdicts as a terminal shows them. */
export function verdictTable({ methods, draws, images, threshold, order, stages, finalStage, middleStage }: VerdictReport): string {
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
  return `\n${table(head, rows)}\n\n${open.join("")}${foot}\n`;
}

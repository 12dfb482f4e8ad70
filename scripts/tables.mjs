// The tables of docs/reproduction.md, as Markdown, from the verdicts of a run:
//   node scripts/tables.mjs RUN verdicts                            verdict of every method, with what it rests on
//   node scripts/tables.mjs RUN score|kappa|rho|random METRIC…      likeness by stage; κ, ρ and random–random with 95 % intervals
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const [run, kind, ...metrics] = process.argv.slice(2);
const report = JSON.parse(await readFile(join(run, "verdicts.json"), "utf8")).verdicts;
if (!report) throw new Error(`${run} has no verdicts: a part of an experiment (--only, --where) gives none.`);
const pairs = report.metrics.filter(({ metric }) => metrics.includes(metric));

const decimal = (value, digits = 2) =>
  value
    .toFixed(digits)
    .replace(/^-(0\.0*)$/, "$1")
    .replace(/^(-?)0\./, "$1.");
const optional = (value, digits = 3) => (value === null ? "" : decimal(value, digits));
function bounded(row, name) {
  const [value, low, high] = [row[name], row[`${name}Low`], row[`${name}High`]];
  return low === null ? optional(value, 2) : `${decimal(value)} [${decimal(low)}, ${decimal(high)}]`;
}

/** Rows of text as a Markdown table; the first is its head. */
const table = ([head, ...rows]) => [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

function verdicts() {
  const { restsOn, methods } = report;
  const rows = methods.map((row) => [row.method, row.label, row.metric ?? "", row.stage ?? "", bounded(row, restsOn)]);
  return [["method", "verdict", "by", "at", `${restsOn === "rho" ? "ρ" : "κ"} [95 %]`], ...rows];
}

/** Beside the stages stands what they are measured by: the floor, and for ρ what retraining keeps. */
function byStage() {
  const stages = report.stages.map((name) => ({ name, of: (pair) => pair.stages.find(({ stage }) => stage === name) }));
  const cell = (stage) => (kind === "score" ? optional(stage.score) : bounded(stage, kind));
  const [beside, besideOf] =
    kind === "rho" ? ["κ of a twin", ({ twin }) => bounded(twin, "kappa")] : ["floor", ({ floor }) => optional(floor)];
  const rows = pairs.map((pair) => [pair.method, pair.metric, besideOf(pair), ...stages.map(({ of }) => cell(of(pair)))]);
  return [["method", "metric", beside, ...stages.map(({ name }) => name)], ...rows];
}

function bothRandom() {
  const rows = pairs.map(({ method, metric, floor, random }) => [
    method,
    metric,
    optional(floor),
    bounded(random, "score"),
    optional(random.kappa, 2),
  ]);
  return [["method", "metric", "floor", "score [95 %]", "κ"], ...rows];
}

console.log(table(kind === "verdicts" ? verdicts() : kind === "random" ? bothRandom() : byStage()));

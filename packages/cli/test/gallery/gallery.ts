import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { MetricRow, TableData, VerdictReport } from "@assay/report";
import { expect, it } from "vitest";
import { answersOf, EXPERIMENTS, type Answers } from "./experiment.js";

const TABLES = new URL("./tables/", import.meta.url).pathname;
/** What makes an experiment small, where it has such a parameter. */
const TOY = ["images=2", "draws=[0]", "filters=[0,1,2]", "samples=5", "training=100", "tested=100", "epochs=1"];
/** A network so large that its toy is one stage, and of it the scores. */
const LARGE: Readonly<Record<string, readonly string[]>> = {
  "imagenet-cascade.yaml": ["--where", "stage=_blocks.7"],
  "inception-cascade.yaml": ["--where", "stage=Mixed_6b"],
  "paper/figure-2.yaml": ["--only", "perturbed", "--where", "stage=Mixed_6b"],
};
const PHOTOS = new URL("../../../zoo/photos/", import.meta.url).pathname;
const LARGE_TOY = [`folder=${PHOTOS}`, "images=2", "draws=[0]", "samples=1", "steps=2"];
/** Where every draw is compared with draw 0, which would be the same as itself. */
const BESIDE_DRAW_0 = /random-random/;
/** Where networks are trained: rounding grows with every step, so that another machine has other numbers. */
const TRAINED = /data-randomization|label-noise|paper\/(labels|cascade-fashion|mlp-long|mlp-narrow)/;
/** The others differ from an experiment of the gallery by this preset alone. */
const AS_PUBLISHED = /paper\/(labels|cascade|independent)-mnist/;
/** An error of a closed form is as good as none up to here; its digits belong to the machine. */
const NONE = 1e-5;
/** Scores of one backend differ in the fifth decimal between machines; a rounded one may then step over. */
const ROUNDING = 0.011;

const two = (value: number | null | undefined): string => (value === null || value === undefined ? "-" : value.toFixed(2));

/** Per method and metric: mean score half-way and at the end, the floor, and of two random networks where they were compared. */
function tableOf(report: VerdictReport): string {
  const bothRandom = report.metrics.some(({ random }) => random !== null);
  const metrics = [...new Set(report.metrics.map(({ metric }) => metric))];
  const half = report.stages.indexOf(report.middleStage) + 1;
  const cell = ({ stages, floor, random }: MetricRow) =>
    [stages[half]?.score, stages.at(-1)?.score, floor, ...(bothRandom ? [random?.score] : [])].map(two).join(" ");
  const lines = report.methods.map(({ method }) => {
    const cells = metrics.map((metric) => report.metrics.find((row) => row.method === method && row.metric === metric));
    return `| ${[method, ...cells.map((row) => (row ? cell(row) : "-"))].join(" | ")} |`;
  });
  return [
    `Score at ${report.middleStage}, at ${report.finalStage}, floor${bothRandom ? ", both random" : ""}; ${report.draws} draw of ${report.images} images.`,
    "",
    `| ${["method", ...metrics].join(" | ")} |`,
    `| ${["---", ...metrics.map(() => "---")].join(" | ")} |`,
    ...lines,
    "",
  ].join("\n");
}

/** The means and errors of an experiment that ends in tables. */
function plainTable({ columns, rows }: TableData): string {
  const cell = (value: string | number | null | undefined, i: number) => {
    if (typeof value !== "number") return value ?? "-";
    if (columns[i]?.as === "count") return String(value);
    return columns[i]?.as === "exponent" && value <= NONE ? "none" : two(value);
  };
  const lines = rows.map((row) => `| ${columns.map((_, i) => cell(row[i], i)).join(" | ")} |`);
  return [`| ${columns.map(({ name }) => name).join(" | ")} |`, `| ${columns.map(() => "---").join(" | ")} |`, ...lines, ""].join("\n");
}

/** What was computed without a report: how much, and mean scores a method and metric. */
function scoreTable({ computed, scores }: Answers): string {
  const metrics = [...new Set(scores.map(({ metric }) => metric ?? ""))];
  const methods = [...new Set(scores.map(({ explainer }) => explainer ?? ""))];
  const mean = (method: string, metric: string): number | undefined => {
    const values = scores.flatMap((row) =>
      row["explainer"] === method && row["metric"] === metric && row["value"] ? [Number(row["value"])] : [],
    );
    return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const lines = methods.map((method) => `| ${[method, ...metrics.map((metric) => two(mean(method, metric)))].join(" | ")} |`);
  const table = [`| ${["method", ...metrics].join(" | ")} |`, `| ${["---", ...metrics.map(() => "---")].join(" | ")} |`, ...lines, ""];
  return [`${computed} instances.`, "", ...(scores.length > 0 ? table : [])].join("\n");
}

const textOf = (answers: Answers): string =>
  [...Object.values(answers.verdicts).map(tableOf), ...Object.values(answers.tables).map(plainTable)].join("\n");

const settingsFor = (file: string): string[] => {
  const own = readFileSync(join(EXPERIMENTS, file), "utf8");
  const included = /^include: \[(.+)\]$/m.exec(own)?.[1];
  const inherited = included === undefined ? [] : settingsFor(join(dirname(file), included));
  return (file in LARGE ? LARGE_TOY : TOY).filter(
    (setting) => inherited.includes(setting) || new RegExp(`^  ${setting.split("=")[0]!}:`, "m").test(own),
  );
};

const NUMBER = /-?\d+\.\d+/g;
const SOME_NUMBER = /(?<= )-?\d+(\.\d+)?|(?<= )-(?= )/g;
const numbersOf = (line: string): number[] => (line.match(NUMBER) ?? []).map(Number);

/** The lines that moved, as a diff; a number within the rounding does not count. */
function moved(before: string, after: string): string[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const alike = (a: string, b: string) =>
    a.replace(NUMBER, "#") === b.replace(NUMBER, "#") && numbersOf(a).every((value, i) => Math.abs(value - numbersOf(b)[i]!) < ROUNDING);
  return Array.from({ length: Math.max(old.length, now.length) }, (_, i) => [old[i] ?? "", now[i] ?? ""] as const).flatMap(([a, b]) =>
    alike(a, b) ? [] : [`- ${a}`, `+ ${b}`],
  );
}

/** Every experiment that comes along. */
export const specs = readdirSync(EXPERIMENTS, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".yaml"))
  .sort();

/** Large networks, and what differs from a sister by its data or preset: proofs that take minutes. */
export const isSlow = (file: string): boolean => file in LARGE || /^(label-noise|paper\/(?!mlp-table))/.test(file);

/** Each of these at toy size, held against the table that is checked in. */
export const tablesOf = (files: readonly string[]): void => {
  it.each(files)("%s gives the table that is checked in (ASSAY_GALLERY=write writes it)", { timeout: 300_000 }, async (file) => {
    const part = LARGE[file];
    const settings = [...settingsFor(file), ...(BESIDE_DRAW_0.test(file) ? ["draws=[1]"] : [])];
    const answers = await answersOf(file, settings, { part, preset: AS_PUBLISHED.test(file) ? "paper" : undefined });
    const exact = part ? scoreTable(answers) : textOf(answers);
    const table = TRAINED.test(file) ? exact.replace(SOME_NUMBER, "#") : exact;
    const path = join(TABLES, file.replace("/", "-").replace(/yaml$/, "txt"));
    if (process.env["ASSAY_GALLERY"] === "write") writeFileSync(path, table);
    expect(moved(readFileSync(path, "utf8"), table).join("\n")).toBe("");
  });
};

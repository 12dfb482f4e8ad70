import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isVerdictReport, type TableData, type VerdictReport, type Verdicts } from "@assay/report";
import { expect } from "vitest";
import { main } from "../../src/index.js";

export const EXPERIMENTS = new URL("../../../../experiments/", import.meta.url).pathname;
const PACKAGES = new URL("../../../", import.meta.url).pathname;

export interface Answers {
  readonly verdicts: Verdicts;
  readonly tables: Readonly<Record<string, TableData>>;
  /** how many maps, scores and reports were made */
  readonly computed: number;
  /** the rows of `scores.csv` */
  readonly scores: readonly Readonly<Record<string, string>>[];
}

export interface Manner {
  readonly preset?: string | undefined;
  /** methods whose lines are left out, to save time */
  readonly without?: readonly string[];
  /** options that select what is computed; then there is no report */
  readonly part?: readonly string[] | undefined;
}

/** Runs a spec as a user would, in a folder of its own. */
export async function answersOf(
  name: string,
  settings: readonly string[],
  { preset, without = [], part = [] }: Manner = {},
): Promise<Answers> {
  const root = await mkdtemp(join(tmpdir(), "assay-gallery-"));
  try {
    const text = await readFile(join(EXPERIMENTS, name), "utf8");
    // With its neighbours, since an experiment may include another.
    await cp(EXPERIMENTS, join(root, "experiments"), { recursive: true });
    // and with the weights that one of them names
    await symlink(PACKAGES, join(root, "packages"));
    const spec = join(root, "experiments", name);
    const kept = text.split("\n").filter((line) => !without.some((method) => line.startsWith(`    ${method}: { uses: explainer/`)));
    expect(kept.length).toBe(text.split("\n").length - without.length);
    await writeFile(spec, kept.join("\n"));
    const lines: string[] = [];
    const errors: string[] = [];
    const io = { cwd: root, env: {}, out: (line: string) => void lines.push(line), err: (line: string) => void errors.push(line) };
    const sets = settings.flatMap((setting) => ["--set", setting]);
    const asked = preset === undefined ? [] : ["--preset", preset];
    const code = await main(["--root", root, "run", spec, "--json", ...sets, ...asked, ...part], io);
    expect(code, errors.join("\n")).toBe(0);
    const said = JSON.parse(lines.at(-1)!) as Omit<Answers, "scores"> & { readonly folder: string };
    return { ...said, scores: rowsOf(await readFile(join(said.folder, "scores.csv"), "utf8")) };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

function rowsOf(csv: string): Record<string, string>[] {
  const [head = [], ...rows] = csv
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));
  return rows.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i] ?? ""])));
}

/** The same, for an experiment that ends in verdicts. */
export async function runExperiment(name: string, settings: readonly string[], without: readonly string[] = []): Promise<VerdictReport> {
  const { verdicts } = await answersOf(name, settings, { without });
  if (!isVerdictReport(verdicts["verdicts"])) throw new Error(`${name} gives no verdict`);
  return verdicts["verdicts"];
}

/** One curve: the mean scores of a method by a metric at the destroyed stages. */
export function curve(report: VerdictReport, method: string, metric: string): number[] {
  return rowOf(report, method, metric)
    .stages.slice(1)
    .map(({ score }) => score!);
}

export function rowOf({ metrics }: VerdictReport, method: string, metric: string) {
  const row = metrics.find((each) => each.method === method && each.metric === metric);
  if (!row) throw new Error(`no ${metric} of ${method}`);
  return row;
}

import { isDeepStrictEqual } from "node:util";
import { resolve } from "node:path";
import type { Verdicts } from "@assay/report";
import type { Command } from "commander";
import type { AddCommand, GlobalOptions } from "../program.js";
import { readRun, type RunFiles } from "../run-files.js";
import { table } from "../table.js";

/** One thing that differs; `undefined` where a run has none. */
interface Difference {
  readonly path: string;
  readonly a?: unknown;
  readonly b?: unknown;
}

export const addCompareRuns: AddCommand = (program, { io }) => {
  program
    .command("compare-runs")
    .description("say in what two runs differ: spec, lock (versions, digests) and verdicts")
    .argument("<a>", "a run: its folder, its id, the name of an experiment for its latest, or MLflow's run id (with MLFLOW_TRACKING_URI)")
    .argument("<b>", "another")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  assay compare-runs mnist-cascade 20261123-150405-1a2b3c\n  assay compare-runs runs/mine/latest 4599dd4ee8e8425aa23427cf7f3725f9",
    )
    .action(async (a: string, b: string, options: { json?: boolean }, command: Command) => {
      const where = { cwd: io.cwd, root: resolve(io.cwd, command.optsWithGlobals<GlobalOptions>().root), env: io.env };
      const [first, second] = [await readRun(a, where), await readRun(b, where)];
      const found = {
        spec: differences(first.spec, second.spec),
        lock: differences(lockFacts(first), lockFacts(second)),
        verdicts: differences(verdictFacts(first.verdicts), verdictFacts(second.verdicts)),
      };
      if (options.json) io.out(JSON.stringify(found, undefined, 2));
      else for (const [part, list] of Object.entries(found)) io.out(section(part, list));
    });
};

/** Keys follow from all else and would fill pages. */
const lockFacts = ({ lock }: RunFiles): unknown =>
  Object.fromEntries(Object.entries(lock as Record<string, unknown>).filter(([name]) => name !== "keys"));

/** What a node says of a method, and of it by each metric at the end: verdict, and κ with its interval. */
const verdictFacts = (verdicts: Verdicts): unknown =>
  Object.fromEntries(
    Object.entries(verdicts).map(([node, { methods, metrics }]) => [
      node,
      Object.fromEntries([
        ...methods.map(({ method, label }) => [method, label] as const),
        ...metrics.map(({ method, metric, verdict, stages }) => {
          const { kappa = null, kappaLow = null, kappaHigh = null } = stages.at(-1) ?? {};
          return [`${method} by ${metric}`, `${verdict}, κ ${number(kappa)} [${number(kappaLow)}, ${number(kappaHigh)}]`] as const;
        }),
      ]),
    ]),
  );

const number = (value: number | null): string => (value === null ? "undefined" : value.toFixed(3));

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

function differences(a: unknown, b: unknown, path = ""): Difference[] {
  if (isDeepStrictEqual(a, b)) return [];
  if (!isMap(a) || !isMap(b)) return [{ path, ...(a !== undefined && { a }), ...(b !== undefined && { b }) }];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) => differences(a[key], b[key], path === "" ? key : `${path} › ${key}`));
}

function section(part: string, list: readonly Difference[]): string {
  if (list.length === 0) return `${part}: no difference`;
  const shown = (value: unknown): string =>
    (value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value)).slice(0, 60);
  const rows = list.map(({ path, a, b }) => [path, shown(a), shown(b)]);
  return `${part}: ${list.length} ${list.length === 1 ? "difference" : "differences"}\n\n${table(["", "a", "b"], rows)}\n`;
}

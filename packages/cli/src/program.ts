import { BACKENDS, type BackendName } from "@assay/network";
import { Command, InvalidArgumentError, Option } from "commander";
import { addCompare } from "./commands/compare.js";
import { addCompareRuns } from "./commands/compare-runs.js";
import { addDescribe } from "./commands/describe.js";
import { addDoctor } from "./commands/doctor.js";
import { addExplain } from "./commands/explain.js";
import { addGc } from "./commands/gc.js";
import { addGraph } from "./commands/graph.js";
import { addList } from "./commands/list.js";
import { addPlan } from "./commands/plan.js";
import { addReport } from "./commands/report.js";
import { addRun } from "./commands/run.js";
import { addRuns } from "./commands/runs.js";
import { addSchema } from "./commands/schema.js";
import { addSync } from "./commands/sync.js";
import { addValidate } from "./commands/validate.js";
import type { Io } from "./io.js";

/** What every command gets: where to print, and where to leave its exit code. */
export interface CommandContext {
  readonly io: Io;
  readonly result: { exitCode: number };
}

export type AddCommand = (program: Command, context: CommandContext) => void;

export interface GlobalOptions {
  readonly root: string;
  readonly backend?: "auto" | BackendName;
  /** of the processor that may be kept busy; all if not given */
  readonly threads?: number;
  readonly debug?: boolean;
}

const COMMANDS: readonly AddCommand[] = [
  addRun,
  addPlan,
  addValidate,
  addGraph,
  addExplain,
  addCompare,
  addList,
  addDescribe,
  addSchema,
  addReport,
  addRuns,
  addCompareRuns,
  addSync,
  addDoctor,
  addGc,
];

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Write a number from 1 up.");
}

export function createProgram(io: Io, result: { exitCode: number }): Command {
  const program = new Command("assay")
    .description("Does this saliency map depend on the model at all? Sanity checks for saliency maps, as experiments.")
    .option("--root <dir>", "the folder where .assay/ and runs/ lie", ".")
    .addOption(new Option("--backend <name>", "compute backend; auto takes the fastest that loads").choices(["auto", ...BACKENDS]))
    .option("--threads <n>", "threads that compute, and score, at once (default: as many as there are cores)", wholeNumber)
    .option("--debug", "print stack traces")
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) })
    .showHelpAfterError("(add --help for what this command takes)")
    .addHelpText(
      "after",
      "\nExit codes: 0 done, 1 some instance failed, 2 the input is wrong, 3 a needed thing is missing, 130 interrupted.",
    )
    .exitOverride();
  for (const add of COMMANDS) add(program, { io, result });
  return program;
}

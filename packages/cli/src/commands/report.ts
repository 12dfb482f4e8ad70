import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Verdicts } from "@assay/report";
import type { Command } from "commander";
import { findRunFolder, unknownRun } from "../find-run.js";
import type { AddCommand, GlobalOptions } from "../program.js";
import { verdictTables } from "../verdict-table.js";

export const addReport: AddCommand = (program, { io }) => {
  program
    .command("report")
    .description("print the verdicts of a finished run and where its report lies")
    .argument("<run>", "the folder of a run, or the name of an experiment for its latest run")
    .option("--json", "print verdicts.json")
    .addHelpText("after", "\nExamples:\n  assay report mnist-cascade\n  assay report runs/mnist-cascade/20260101-120000-abcdef")
    .action((run: string, options: { json?: boolean }, command: Command) => {
      const root = resolve(io.cwd, command.optsWithGlobals<GlobalOptions>().root);
      const folder = findRunFolder(io.cwd, root, run);
      if (folder === undefined) throw unknownRun(run);
      const text = readFileSync(join(folder, "verdicts.json"), "utf8");
      if (options.json) io.out(text.trimEnd());
      else io.out(`${verdictTables(JSON.parse(text) as Verdicts)}report   ${join(folder, "report.html")}`);
    });
};

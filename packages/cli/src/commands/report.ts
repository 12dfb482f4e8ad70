import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { AssayError } from "@assay/core";
import type { Verdicts } from "@assay/report";
import type { Command } from "commander";
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
      const folder = [resolve(io.cwd, run), join(root, "runs", run, "latest"), join(root, "runs", run)].find((each) =>
        existsSync(join(each, "verdicts.json")),
      );
      if (folder === undefined) {
        throw new AssayError({
          code: "RUN-UNKNOWN",
          where: run,
          what: "no finished run lies there",
          next: "`ls runs` shows the experiments that have run; `assay run SPEC` makes one.",
        });
      }
      const text = readFileSync(join(folder, "verdicts.json"), "utf8");
      if (options.json) io.out(text.trimEnd());
      else io.out(`${verdictTables(JSON.parse(text) as Verdicts)}report   ${join(folder, "report.html")}`);
    });
};

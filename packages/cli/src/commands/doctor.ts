import pc from "picocolors";
import { diagnose } from "../doctor.js";
import type { Command } from "commander";
import type { AddCommand, GlobalOptions } from "../program.js";

const MARKS = { ok: pc.green("ok      "), missing: pc.red("missing "), optional: pc.yellow("optional") };

export const addDoctor: AddCommand = (program, { io, result }) => {
  program
    .command("doctor")
    .description("say what is there, what is missing, and what to type")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  assay doctor")
    .action(async (options: { json?: boolean }, command: Command) => {
      command.optsWithGlobals<GlobalOptions>();
      const findings = await diagnose(io);
      if (options.json) io.out(JSON.stringify(findings, undefined, 2));
      else
        for (const { name, state, detail, fix } of findings)
          io.out(`${MARKS[state]} ${name}: ${detail}${state !== "ok" && fix ? `\n         → ${fix}` : ""}`);
      if (findings.some(({ state }) => state === "missing")) result.exitCode = 3;
    });
};

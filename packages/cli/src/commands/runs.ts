import { resolve } from "node:path";
import { localRuns, type LocalRun } from "@assay/core";
import type { Command } from "commander";
import type { AddCommand, GlobalOptions } from "../program.js";
import { table } from "../table.js";

export const addRuns: AddCommand = (program, { io }) => {
  program
    .command("runs")
    .description("list the runs of this machine, and which servers hold them")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  assay runs\n  assay runs --json")
    .action((options: { json?: boolean }, command: Command) => {
      const runs = localRuns(resolve(io.cwd, command.optsWithGlobals<GlobalOptions>().root), (problem) => io.err(problem));
      if (options.json) io.out(JSON.stringify(runs.map(shown), undefined, 2));
      else if (runs.length === 0) io.out("no runs yet: `assay run SPEC` makes one");
      else {
        const rows = runs.map(shown).map((run) => [run.id, run.name, run.status, verdictsIn(run.verdicts), trackedIn(run.tracking)]);
        io.out(table(["run", "name", "status", "verdicts", "tracking"], rows));
      }
    });
};

const shown = ({ id, parent, status, deliveries }: LocalRun) => ({
  id,
  uuid: parent.uuid,
  name: parent.name,
  started: new Date(parent.startMs).toISOString(),
  status,
  verdicts: Object.fromEntries(
    parent.metrics.filter(({ key }) => key.startsWith("verdicts/")).map(({ key, value }) => [key.slice("verdicts/".length), value]),
  ),
  tracking: deliveries.map(({ server, state, behind, links }) => ({ server, state: behind ? "partly" : state, run: links.run })),
});

const verdictsIn = (verdicts: Readonly<Record<string, number>>): string =>
  Object.entries(verdicts)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} ${verdict}`)
    .join(", ");

const trackedIn = (tracking: readonly { readonly server: string; readonly state: string }[]): string =>
  tracking.map(({ server, state }) => `${state === "verified" ? "verified" : "partly sent"} at ${server}`).join(", ") || "not sent";

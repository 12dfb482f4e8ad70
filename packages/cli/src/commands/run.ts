import { randomUUID } from "node:crypto";
import { basename, join, relative, resolve } from "node:path";
import { checkSelection, checkTrainers, localRuns, openRun, sha256, type Plan, type RunOutcome } from "@assay/core";
import pc from "picocolors";
import { dataTables } from "../data-table.js";
import { createInterrupt } from "../interrupt.js";
import { lockOf, pointLatest, scoresCsv, writeOutputs } from "../outputs.js";
import { progressLines } from "../progress.js";
import { type Command, InvalidArgumentError } from "commander";
import type { AddCommand } from "../program.js";
import { gridOf, pageOf, plotsOf, tablesOf, verdictsOf } from "../results.js";
import { gitState, runStart, runSummary } from "../run-record.js";
import { addSpecOptions, openPlan, type SpecOptions } from "../spec-command.js";
import { trainingsJson } from "../trainings.js";
import { typedCommand } from "../typed-command.js";
import { verdictTables } from "../verdict-table.js";
import { versions } from "../versions.js";

interface RunOptions extends SpecOptions {
  readonly only?: string;
  readonly where?: Readonly<Record<string, readonly string[]>>;
  readonly keepGoing?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

function point(text: string, before: Readonly<Record<string, readonly string[]>> = {}): Readonly<Record<string, readonly string[]>> {
  const [axis = "", value] = text.split("=", 2);
  if (axis === "" || value === undefined) throw new InvalidArgumentError("Write axis=value.");
  return { ...before, [axis]: [...(before[axis] ?? []), value] };
}

const EXIT = { done: 0, failed: 1, interrupted: 130 } as const;

/** `20261123-150405-1a2b3c`: sorts by time, and names the plan. */
const runIdOf = (startedAt: number, planDigest: string): string =>
  `${new Date(startedAt).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-")}-${planDigest.slice(0, 6)}`;

export const planDigestOf = (plan: Plan): string => sha256([...plan.instances.values()].map(({ key }) => key).join("\n"));

export const addRun: AddCommand = (program, { io, result }) => {
  addSpecOptions(program.command("run"))
    .description("run an experiment: maps, scores, verdicts, report")
    .option("--only <node>", "compute this node and what it needs, nothing else")
    .option("--where <axis=value>", "compute only these points of an axis (repeatable)", point)
    .option("--keep-going", "go on with what does not depend on a failed instance")
    .option("--out <dir>", "where the run's folder is made", "runs")
    .option("--json", "print one JSON object at the end")
    .addHelpText(
      "after",
      "\nExamples:\n  assay run experiments/mnist-cascade.yaml\n  assay run my.yaml --set images=64 --set 'draws=[0,1,2]'\n" +
        "  assay run my.yaml --only perturbed --where stage=conv2",
    )
    .action(async (spec: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<RunOptions>();
      const startedAt = Date.now();
      const { session, plan } = await openPlan(io, spec, options);
      const selection = { ...(options.only !== undefined && { only: [options.only] }), ...(options.where && { where: options.where }) };
      checkSelection(plan, selection);
      checkTrainers(plan);
      const planDigest = planDigestOf(plan);
      const runId = runIdOf(startedAt, planDigest);
      const parent = resolve(session.root, options.out ?? "runs", plan.name);
      const folder = join(parent, runId);
      const known = versions(plan.backend);
      const start = runStart(plan, {
        uuid: randomUUID(),
        id: runId,
        startedAt,
        planDigest,
        versions: known,
        git: await gitState(session.root),
      });
      const tracked = openRun(start, { root: session.root, env: io.env, log: (line) => io.err(line) });
      const before = localRuns(session.root).findLast((run) => run.id !== runId && run.parent.tags["assay.plan.digest"] === planDigest);
      const progress = progressLines(process.stderr);
      const interrupt = createInterrupt(() => io.err("\ninterrupted: what is finished is kept; run again to go on"));
      let outcome: RunOutcome;
      try {
        outcome = await session.run(plan, {
          onEvent: (event) => {
            progress.listen(event);
            if (event.type === "instance-failed") {
              io.err(pc.red(event.error.message));
              if (event.skipped.length > 0) io.err(`  ${event.skipped.length} instances that depend on it are left out`);
            }
          },
          signal: interrupt.signal,
          keepGoing: options.keepGoing ?? false,
          ...selection,
        });
      } finally {
        progress.stop();
        interrupt.release();
      }
      const verdicts = verdictsOf(outcome);
      const tables = tablesOf(outcome);
      const lock = lockOf(plan, outcome, known);
      await writeOutputs(folder, {
        "scores.csv": await scoresCsv(plan, outcome),
        ...(outcome.trainings.length > 0 && { "trainings.json": trainingsJson(outcome.trainings) }),
        "verdicts.json": `${JSON.stringify(verdicts, undefined, 2)}\n`,
        "spec.resolved.yaml": plan.resolvedSpec,
        "lock.json": `${JSON.stringify(lock, undefined, 2)}\n`,
        "report.html": pageOf(plan, outcome, {
          runId,
          status: outcome.status,
          versions: known,
          command: typedCommand(relative(session.root, plan.file) || basename(plan.file), options),
        }),
      });
      await pointLatest(parent, runId);
      const summary = await runSummary(start, {
        plan,
        endedAt: Date.now(),
        status: outcome.status,
        verdicts,
        grid: gridOf(outcome),
        plots: plotsOf(outcome),
        folder,
        trainings: outcome.trainings.map(({ instance, facts }) => ({ name: instance.id, ...facts })),
      });
      const tracking = await tracked.close(summary);
      const files = relative(io.cwd, folder) || folder;
      if (options.json) {
        const { status, computed, hits, failed } = outcome;
        const failures = failed.map(({ instance, error }) => ({ instance: instance.id, error: error.message }));
        io.out(JSON.stringify({ run: runId, status, folder, computed, hits, failed: failures, tracking, verdicts, tables }));
      } else {
        const tabled = Object.keys(tables).length > 0;
        if (!tabled || Object.keys(verdicts).length > 0) io.out(verdictTables(verdicts));
        if (tabled) io.out(dataTables(tables));
        io.out(`${outcome.computed} computed, ${outcome.hits} from the store, ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
        io.out(`report   ${join(files, "report.html")}\nscores   ${join(files, "scores.csv")}\nverdicts ${join(files, "verdicts.json")}`);
        if (before) io.out(`before   run ${before.id} had the same plan`);
        if (tracking.state === "sent")
          io.out(`MLflow   ${tracking.links.charts}${tracking.links.report ? `\n         ${tracking.links.report}` : ""}`);
      }
      result.exitCode = EXIT[outcome.status];
    });
};

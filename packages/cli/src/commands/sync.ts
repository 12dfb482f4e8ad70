import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AssayError, chosenRuns, closeDead, localRuns, uploadSpool, type Held, type LocalRun } from "@assay/core";
import type { Command } from "commander";
import { createInterrupt } from "../interrupt.js";
import type { AddCommand, GlobalOptions } from "../program.js";

interface SyncOptions extends GlobalOptions {
  readonly to?: string;
  readonly watch?: boolean;
  readonly json?: boolean;
}

/** How often `--watch` looks for runs that are new. */
const WATCH_MS = 2000;

interface Sent {
  readonly id: string;
  readonly name: string;
  readonly verified: boolean;
  /** what is not there, or why nothing could be sent */
  readonly problems: readonly string[];
  readonly held?: Held;
  readonly run?: string;
}

export const addSync: AddCommand = (program, { io, result }) => {
  program
    .command("sync")
    .description("send runs to an MLflow server, what it lacks of them, and read back what it holds")
    .argument("[run...]", "the id of a run, its beginning, or the name of an experiment for its newest run; all runs if none is named")
    .option("--to <uri>", "the server; MLFLOW_TRACKING_URI if not given")
    .option("--watch", "go on with runs as they end, until Ctrl-C")
    .option("--json", "print one JSON object at the end")
    .addHelpText(
      "after",
      "\nExamples:\n  assay sync\n  assay sync 20261123-150405-1a2b3c --to https://mlflow.example.org\n  assay sync --watch",
    )
    .action(async (names: readonly string[], _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<SyncOptions>();
      const root = resolve(io.cwd, options.root);
      const uri = options.to ?? io.env["MLFLOW_TRACKING_URI"] ?? "";
      if (uri === "") {
        throw new AssayError({ code: "SYNC-NO-SERVER", what: "no server is named", next: "Give one: --to URI, or MLFLOW_TRACKING_URI." });
      }
      const interrupt = createInterrupt(() => io.err("\ninterrupted: what was sent is not sent again; `assay sync` goes on"));
      const { signal } = interrupt;
      const send = async (runs: readonly LocalRun[]): Promise<Sent[]> => {
        const sent: Sent[] = [];
        for (const run of runs.filter(({ status }) => status !== "running")) {
          if (signal.aborted) break;
          const one = await sendRun(run, { uri, env: io.env, signal });
          sent.push(one);
          if (!options.json) io.out(lineOf(one));
        }
        return sent;
      };
      try {
        let sent = await send(
          chosenRuns(
            localRuns(root, (problem) => io.err(problem)),
            names,
          ),
        );
        const verified = new Set(sent.filter((run) => run.verified).map(({ id }) => id));
        while (options.watch && !signal.aborted) {
          await sleep(WATCH_MS, undefined, { signal }).catch(() => undefined);
          const more = await send(chosenRuns(localRuns(root), names).filter(({ id }) => !verified.has(id)));
          for (const { id } of more.filter((run) => run.verified)) verified.add(id);
          sent = [...sent.filter(({ id }) => !more.some((other) => other.id === id)), ...more];
        }
        if (options.json) io.out(JSON.stringify({ runs: sent }));
        else io.out(statement(sent));
        const whole = sent.every((run) => run.verified);
        result.exitCode = signal.aborted && !options.watch ? 130 : whole ? 0 : 1;
      } finally {
        interrupt.release();
      }
    });
};

async function sendRun(run: LocalRun, options: Parameters<typeof uploadSpool>[1]): Promise<Sent> {
  const { id, folder, parent } = run;
  try {
    await closeDead(folder);
    const { verified, problems, held, links } = await uploadSpool(folder, options);
    return { id, name: parent.name, verified, problems, held, run: links.run };
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ");
    return { id, name: parent.name, verified: false, problems: [why] };
  }
}

const counted = ({ runs, metricPoints, params, tags, inputs, artifacts }: Held): string =>
  `${runs} runs, ${metricPoints} metric points, ${params} params, ${tags} tags, ${inputs} inputs, ${artifacts} artifacts`;

function lineOf({ id, name, verified, problems, held, run }: Sent): string {
  if (verified && held) return `${id}  ${name}  verified: ${counted(held)}\n  ${run ?? ""}`;
  const [first = "", ...more] = problems;
  return `${id}  ${name}  not all there: ${first}${more.length > 0 ? ` (and ${more.length} more)` : ""}`;
}

function statement(sent: readonly Sent[]): string {
  if (sent.length === 0) return "no finished runs to send";
  const verified = sent.filter((run) => run.verified).length;
  if (verified === sent.length) return `all ${sent.length} runs were read back as they are here`;
  return `${verified} of ${sent.length} runs were read back as they are here; \`assay sync\` again sends the rest`;
}

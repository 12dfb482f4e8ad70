import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { closeDead, readSpool, trackRun, uploadSpool } from "../../../src/tracking/index.js";
import { differences } from "./contents.js";
import { chance } from "./fault-plan.js";
import type { Mode, Started } from "./processes.js";
import { trackingProcesses } from "./processes.js";
import { serverContents } from "./server-contents.js";
import { smallRun } from "./small-run.js";
import { spoolContents } from "./spool-contents.js";

/** The run that is not killed, to learn how long one takes. */
const WHOLE = -1;

/**
 * kill -9 of a process at a seeded instant of its work, once for each seed, with the sync that people type afterwards following at once,
 * while the server may still be busy with the last request of the dead. Returns what must not be.
 */
export async function killAndSync(mode: Mode, seeds: readonly number[], uri: string, root: string): Promise<string[]> {
  const start = await trackingProcesses(root);
  const problems: string[] = [];
  const kind = `killed-${mode}`;
  const prepare = async (seed: number): Promise<string> => {
    const summary = smallRun(root, kind, seed);
    if (mode === "sync") await trackRun(summary, { root, env: {}, log: () => undefined });
    return join(root, ".assay", "runs", summary.uuid);
  };
  const workMs = async (): Promise<number> => {
    await prepare(WHOLE);
    const whole = start(mode, kind, WHOLE, uri);
    await whole.begun;
    const begun = performance.now();
    const said = await whole.ended;
    if (!said.endsWith("verified\n") || said.includes("not verified")) problems.push(`the one that is not killed said ${said}`);
    return performance.now() - begun;
  };
  let wholeMs = await workMs();
  const ends = { killed: 0, done: 0, empty: 0 };
  for (const seed of seeds) {
    const spool = await prepare(seed);
    const started = start(mode, kind, seed, uri);
    const instantMs = chance(kind, seed) * wholeMs;
    await killedAt(started, instantMs);
    const done = (await started.ended).endsWith("verified\n");
    ends[done ? "done" : "killed"]++;
    // It was quicker than the one that was measured: no later kill waits so long.
    if (done) wholeMs = Math.min(wholeMs, instantMs);
    if (existsSync(join(spool, "events.jsonl"))) await closeDead(spool);
    const told = existsSync(spool) ? spoolContents(spool) : { experiments: [], runs: [] };
    if (told.runs.length === 0) {
      ends.empty++;
    } else {
      const last = await uploadSpool(spool, { uri, env: {} });
      if (!last.verified) problems.push(`${kind} ${seed}: not verified in the end: ${last.problems.join("; ")}`);
      if (readSpool(spool).runs.length !== told.runs.length) problems.push(`${kind} ${seed}: the spool is read in another way`);
    }
    const different = differences(told, await serverContents(uri, smallRun(root, kind, seed).name));
    problems.push(...different.map((line) => `${kind} ${seed}: ${line}`));
  }
  process.stderr.write(
    `${seeds.length} kills of ${kind.slice(7)} within ${Math.round(wholeMs)} ms: ${ends.killed} in the middle, ${ends.empty} of them before anything was written, ${ends.done} too late\n`,
  );
  return problems;
}

async function killedAt({ child, begun }: Started, instantMs: number): Promise<void> {
  await begun;
  await sleep(instantMs);
  child.kill("SIGKILL");
}

import { readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { closeDead, uploadSpool } from "../../../src/tracking/index.js";
import { differences } from "./contents.js";
import { pick } from "./fault-plan.js";
import { trackingProcesses } from "./processes.js";
import { serverContents } from "./server-contents.js";
import { smallRun } from "./small-run.js";
import { spoolContents } from "./spool-contents.js";

/**
 * A machine that stops while the record is written keeps its beginning, cut at any byte. What is left is sent. Returns what must not be: what
 * the spool tells and the server does not hold, what it holds twice, and a run that stays RUNNING for ever.
 */
export async function cutAndSync(seeds: readonly number[], uri: string, root: string): Promise<string[]> {
  const start = await trackingProcesses(root);
  const problems: string[] = [];
  for (const seed of seeds) {
    const summary = smallRun(root, "cut", seed);
    await start("experiment", "cut", seed, "").ended;
    const spool = join(root, ".assay", "runs", summary.uuid);
    const events = readFileSync(join(spool, "events.jsonl"));
    const opened = events.indexOf("\n", events.indexOf('"run-opened"')) + 1;
    truncateSync(join(spool, "events.jsonl"), opened + pick(events.length - opened, seed, "cut"));
    await closeDead(spool);
    const { verified } = await uploadSpool(spool, { uri, env: {} });
    if (!verified) problems.push(`cut ${seed}: not verified`);
    const there = await serverContents(uri, summary.name);
    problems.push(...differences(spoolContents(spool), there).map((line) => `cut ${seed}: ${line}`));
    const running = there.runs.filter(({ status }) => status === "RUNNING");
    problems.push(...running.map(({ name }) => `cut ${seed}: ${name} stays RUNNING`));
  }
  return problems;
}

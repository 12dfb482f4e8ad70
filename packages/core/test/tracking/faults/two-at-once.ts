import { join } from "node:path";
import { trackRun } from "../../../src/tracking/index.js";
import { differences } from "./contents.js";
import { trackingProcesses } from "./processes.js";
import { serverContents } from "./server-contents.js";
import { smallRun } from "./small-run.js";
import { spoolContents } from "./spool-contents.js";

/** Two processes that send the same spool at the same time, round after round. Returns what must not be. */
export async function sendTwiceAtOnce(rounds: number, uri: string, root: string): Promise<string[]> {
  const start = await trackingProcesses(root);
  const problems: string[] = [];
  for (let seed = 0; seed < rounds; seed++) {
    const summary = smallRun(root, "two-at-once", seed);
    await trackRun(summary, { root, env: {}, log: () => undefined });
    const said = await Promise.all(["a", "b"].map(() => start("sync", "two-at-once", seed, uri).ended));
    if (!said.some((lines) => lines === "begun\nverified\n")) problems.push(`round ${seed}: none was verified: ${said.join(" | ")}`);
    const spool = join(root, ".assay", "runs", summary.uuid);
    const different = differences(spoolContents(spool), await serverContents(uri, summary.name));
    problems.push(...different.map((line) => `round ${seed}: ${line}`));
  }
  return problems;
}

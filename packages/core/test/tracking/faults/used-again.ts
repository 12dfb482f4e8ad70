import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { closeDead, localRuns, uploadSpool } from "../../../src/tracking/index.js";
import { trackingProcesses } from "./processes.js";
import { smallRun } from "./small-run.js";

const LIMIT_MS = 20_000;

/**
 * Kills an experiment while it holds its spool and sends it, then gives its process number to one that lives (this one), as a container
 * does that starts again. Returns what must not be: a run that counts as running, or a lock that nobody takes over.
 */
export async function numberUsedAgain(uri: string, root: string): Promise<string[]> {
  const summary = smallRun(root, "used-again", 0);
  const spool = join(root, ".assay", "runs", summary.uuid);
  const { child, begun, ended } = (await trackingProcesses(root))("experiment", "used-again", 0, uri);
  await begun;
  const locks = (): string[] => readdirSync(spool).filter((name) => name.endsWith(".lock"));
  const end = performance.now() + LIMIT_MS;
  while (performance.now() < end && !isThere(locks)) await sleep(1);
  child.kill("SIGKILL");
  await ended;
  const held = [...locks(), "writer.pid"].map((name) => join(spool, name));
  for (const file of held) writeFileSync(file, readFileSync(file, "utf8").replace(String(child.pid), String(process.pid)));
  await closeDead(spool);
  const status = localRuns(root).find(({ folder }) => folder === spool)?.status;
  const sent = uploadSpool(spool, { uri, env: {}, signal: AbortSignal.timeout(LIMIT_MS) });
  const said = await sent.then(
    ({ verified }) => (verified ? [] : ["the run is not verified"]),
    (error: unknown) => [`the lock was not taken over: ${String(error)}`],
  );
  return [
    ...(held.length === 2 ? [] : [`the lock is not there: ${held.join(", ")}`]),
    ...(status === "interrupted" ? [] : [`it is ${String(status)}`]),
    ...said,
  ];
}

function isThere(locks: () => string[]): boolean {
  try {
    return locks().length > 0;
  } catch {
    return false;
  }
}

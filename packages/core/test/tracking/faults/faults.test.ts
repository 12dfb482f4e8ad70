import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { cutAndSync } from "./cuts.js";
import { killAndSync } from "./kills.js";
import { MortalServer } from "./mortal-server.js";
import { runSchedules } from "./schedule.js";
import { sendTwiceAtOnce } from "./two-at-once.js";
import { numberUsedAgain } from "./used-again.js";

// Started here, not in a hook, because whether there is a server decides which tests exist.
const server = await MortalServer.start();
const root = await mkdtemp(join(tmpdir(), "assay-faults-spools-"));
const seeds = (count: number): number[] => Array.from({ length: count }, (_, seed) => seed);

afterAll(async () => {
  await server?.close();
  await rm(root, { recursive: true, force: true });
});

describe.runIf(server)("a run that goes to MLflow", { timeout: 300_000 }, () => {
  it("is there once and whole after the last sync, whatever ten seeded schedules of faults do to it", async () => {
    if (!server) throw new Error("no server");
    expect((await runSchedules(seeds(10), server, root)).problems).toEqual([]);
  });

  it("is there once and whole when the experiment was killed and its spool sent", async () => {
    expect(await killAndSync("experiment", seeds(3), server?.uri ?? "", root)).toEqual([]);
  });

  it("is there once and whole when the sync was killed and typed again", async () => {
    expect(await killAndSync("sync", seeds(3), server?.uri ?? "", root)).toEqual([]);
  });

  it("is there once, as far as it was written, and ended, when its record was cut off at three bytes", async () => {
    expect(await cutAndSync(seeds(3), server?.uri ?? "", root)).toEqual([]);
  });

  // Only /proc tells two processes of one number apart.
  it.runIf(existsSync("/proc/self/stat"))("is sent although the number of its dead process is that of a living one now", async () => {
    expect(await numberUsedAgain(server?.uri ?? "", root)).toEqual([]);
  });

  it("is there once and whole when two processes send it at once", async () => {
    expect(await sendTwiceAtOnce(3, server?.uri ?? "", root)).toEqual([]);
  });
});

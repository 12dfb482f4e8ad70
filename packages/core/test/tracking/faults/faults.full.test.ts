import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { cutAndSync } from "./cuts.js";
import { FAULTS } from "./fault-plan.js";
import { killAndSync } from "./kills.js";
import { MortalServer } from "./mortal-server.js";
import { runSchedules } from "./schedule.js";
import { sendTwiceAtOnce } from "./two-at-once.js";

// Started here, not in a hook, because whether there is a server decides which tests exist.
const server = await MortalServer.start();
const root = await mkdtemp(join(tmpdir(), "assay-faults-spools-"));
const seeds = (count: number): number[] => Array.from({ length: count }, (_, seed) => seed);

afterAll(async () => {
  await server?.close();
  await rm(root, { recursive: true, force: true });
});

describe.runIf(server)("a run that goes to MLflow", { timeout: 1_800_000 }, () => {
  it("is there once and whole after the last sync, whatever 300 seeded schedules of faults do to it", async () => {
    if (!server) throw new Error("no server");
    const { injected, problems } = await runSchedules(seeds(300), server, root);
    expect(problems).toEqual([]);
    expect(FAULTS.filter((fault) => !injected.has(fault))).toEqual([]);
  });

  it("is there once and whole when the experiment was killed at 50 instants and its spool sent", async () => {
    expect(await killAndSync("experiment", seeds(50), server?.uri ?? "", root)).toEqual([]);
  });

  it("is there once and whole when the sync was killed at 50 instants and typed again", async () => {
    expect(await killAndSync("sync", seeds(50), server?.uri ?? "", root)).toEqual([]);
  });

  it("is there once, as far as it was written, and ended, when its record was cut off at 30 bytes", async () => {
    expect(await cutAndSync(seeds(30), server?.uri ?? "", root)).toEqual([]);
  });

  it("is there once and whole when two processes send it at once, twenty times", async () => {
    expect(await sendTwiceAtOnce(20, server?.uri ?? "", root)).toEqual([]);
  });
});

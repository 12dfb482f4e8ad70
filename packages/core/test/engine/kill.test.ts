import { build } from "esbuild";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Store } from "../../src/store/store.js";
import buildCore from "./build-core.js";

const here = dirname(fileURLToPath(import.meta.url));
const script = join(here, `.child-run-${process.pid}.mjs`);

/** The test's own files in one, on top of the built package. */
beforeAll(async () => {
  buildCore();
  await build({
    entryPoints: [join(here, "fixtures", "child-run.ts")],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["@tensorflow/*", "*.mjs"],
    define: { "import.meta.url": JSON.stringify(pathToFileURL(join(here, "toy-plan.ts")).href) },
    plugins: [
      {
        name: "built-core",
        setup: (setup) =>
          setup.onResolve({ filter: /\/src\/.*\.js$/ }, ({ path, resolveDir }) => ({
            path: pathToFileURL(resolve(resolveDir, path).replace("/core/src/", "/core/dist/")).href,
            external: true,
          })),
      },
    ],
  });
});
afterAll(() => rmSync(script, { force: true }));

/** Runs the plan in a process of its own, which gets SIGKILL after so many finished instances. */
async function runAndKill(root: string, after: number): Promise<{ readonly finished: string[]; readonly result?: string }> {
  const child = spawn(process.execPath, [script, root], { stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
  let text = "";
  if (after === 0) setTimeout(() => child.kill("SIGKILL"), 250);
  child.stdout.on("data", (data: Buffer) => {
    text += data.toString();
    if (text.split("\n").length > after) child.kill("SIGKILL");
  });
  const code = await new Promise((done) => child.once("close", done));
  const lines = text.split("\n").slice(0, -1);
  const result = lines.find((line) => line.startsWith("result "));
  if (code !== null && code !== 0) throw new Error(errors);
  return { finished: lines.filter((line) => !line.startsWith("result ")), ...(result !== undefined && { result }) };
}

describe("a run that is killed", () => {
  it("goes on where it was, computes nothing twice, and ends with the bytes of an undisturbed run", async () => {
    const undisturbed = await runAndKill(mkdtempSync(join(tmpdir(), "assay-kill-")), Infinity);
    expect(undisturbed.result).toContain("done");
    const root = mkdtempSync(join(tmpdir(), "assay-kill-"));
    const finished: string[] = [];
    for (const after of [0, 1, 2, 3, 5, 7, 11, 13, 17, 19]) finished.push(...(await runAndKill(root, after)).finished);
    const last = await runAndKill(root, Infinity);
    finished.push(...last.finished);
    expect(last.result).toBe(undisturbed.result);
    expect(new Set(finished).size).toBe(finished.length);
    expect(finished.length).toBeGreaterThan(20);
    expect(last.finished.length).toBeLessThan(undisturbed.finished.length - 20);
    await new Store(root).gc(Number.MAX_SAFE_INTEGER);
  });

  it("shares a store with another that runs at the same time, and neither is harmed", async () => {
    const root = mkdtempSync(join(tmpdir(), "assay-kill-"));
    const [a, b] = await Promise.all([runAndKill(root, Infinity), runAndKill(root, Infinity)]);
    expect(a.result).toContain("done");
    expect(b.result).toBe(a.result);
    expect((await runAndKill(root, Infinity)).finished).toEqual([]);
  });
});

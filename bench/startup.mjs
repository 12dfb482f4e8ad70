// Median wall time of commands that compute nothing, beside a bare Node: the help, `validate`, and `plan` of the main job with everything
// in the store. Rounds are interleaved, so that a slow moment of the machine meets all of them; the ratio is a median of ratios.
// Usage: npm run bench -- startup
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROUNDS = 9;
const root = fileURLToPath(new URL("..", import.meta.url));
const cli = join(root, "packages", "cli", "bin", "assay.mjs");
const spec = join(root, "experiments", "mnist-cascade.yaml");
const folder = await mkdtemp(join(tmpdir(), "assay-bench-"));
// A plan's size does not depend on the number of images, and with 2 the store is filled in seconds.
const small = ["--set", "images=2"];

const COMMANDS = {
  "node -e 0": ["-e", "0"],
  "assay --help": [cli, "--help"],
  "assay validate": [cli, "--root", folder, "validate", spec],
  "assay plan": [cli, "--root", folder, "plan", spec, ...small],
};

function node(args) {
  return new Promise((resolve, reject) => {
    const startMs = performance.now();
    const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, MLFLOW_TRACKING_URI: "" } });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
    child.on("error", reject);
    child.on("close", (code) => {
      const elapsedMs = performance.now() - startMs;
      if (code === 0) resolve({ elapsedMs, output });
      else reject(new Error(`node ${args.join(" ")} ended with exit ${code}\n${output}`));
    });
  });
}

const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

try {
  console.log(
    `${availableParallelism()} cores (${cpus()[0]?.model ?? "unknown"}), load ${loadavg()[0].toFixed(2)}, node ${process.version}`,
  );
  await node([cli, "--root", folder, "run", spec, ...small]);
  const times = Object.fromEntries(Object.keys(COMMANDS).map((name) => [name, []]));
  let planned = "";
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, args] of Object.entries(COMMANDS)) {
      const { elapsedMs, output } = await node(args);
      if (name === "assay plan") planned = output;
      // The first round only warms the file cache.
      if (round > 0) times[name].push(elapsedMs);
    }
  }
  // The columns of the plan: node, instances, to run, in the store.
  const toRun = [...planned.matchAll(/^\S+ +\d+ +(\d+) +\d+/gm)].map(([, count]) => Number(count));
  if (toRun.length === 0 || toRun.some((count) => count > 0)) throw new Error(`the plan has something to run:\n${planned}`);
  console.log(
    `${"command".padEnd(16)} ${"median ms".padStart(10)} ${"min".padStart(6)} ${"max".padStart(6)} ${"× bare node".padStart(12)}`,
  );
  for (const [name, all] of Object.entries(times)) {
    const ratio = median(all.map((ms, round) => ms / times["node -e 0"][round]));
    const figures = [
      median(all).toFixed(0).padStart(10),
      Math.min(...all)
        .toFixed(0)
        .padStart(6),
      Math.max(...all)
        .toFixed(0)
        .padStart(6),
    ];
    console.log(`${name.padEnd(16)} ${figures.join(" ")} ${ratio.toFixed(1).padStart(12)}`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

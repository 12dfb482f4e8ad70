// Tensors and resident memory over ten runs of a small experiment in one process; every run has an empty store.
// Usage: npm run bench -- memory        The target: the number of tensors stays where it was. Exit 1 where it does not.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { main } from "../packages/cli/dist/index.js";
import { tf } from "../packages/core/dist/plugin/index.js";
import { startBackend } from "../packages/network/dist/index.js";

const REPETITIONS = 10;
const spec = fileURLToPath(new URL("../experiments/mnist-cascade.yaml", import.meta.url));

/** The main job with 2 images and 1 draw: every method, control, surrogate and report. */
async function repeat() {
  const root = await mkdtemp(join(tmpdir(), "assay-bench-"));
  const errors = [];
  try {
    const io = { cwd: root, env: {}, out: () => undefined, err: (line) => errors.push(line) };
    const code = await main(["--root", root, "run", spec, "--json", "--set", "images=2", "--set", "draws=[0]"], io);
    if (code !== 0) throw new Error(`the run ended with exit ${code}\n${errors.join("\n")}`);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const resident = () => (process.memoryUsage.rss() / 2 ** 20).toFixed(0);

const { name } = await startBackend();
const before = tf.memory().numTensors;
const rows = [
  ["run", "tensors", "tensor bytes", "resident MiB", "seconds"],
  ["before", before, tf.memory().numBytes, resident(), ""],
];
for (let run = 1; run <= REPETITIONS; run++) {
  const startMs = performance.now();
  await repeat();
  const seconds = ((performance.now() - startMs) / 1000).toFixed(2);
  const { numTensors, numBytes } = tf.memory();
  rows.push([run, numTensors, numBytes, resident(), seconds]);
}
// Printed last, because the runs tell their progress on stderr in between.
for (const row of rows)
  console.log(row.map((cell, column) => (column === 0 ? String(cell).padEnd(8) : String(cell).padStart(13))).join(" "));
const after = rows.at(-1)[1];
const constant = rows.slice(1).every(([, tensors]) => tensors === before);
console.log(
  `${before} tensors before, ${after} after ${REPETITIONS} runs on ${name}: ${constant ? "none left behind" : "TENSORS ARE LEFT BEHIND"}`,
);
if (!constant) process.exitCode = 1;

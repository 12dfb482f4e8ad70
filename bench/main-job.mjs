// Wall time and peak memory of the main job, first with an empty store, then again with nothing left to compute.
// Usage: npm run bench -- main-job        The targets: 180 s and 2.5 GiB on two cores with the native library; 5 s again.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "assay-bench-"));
const cli = join(root, "packages", "cli", "bin", "assay.mjs");
const spec = join(root, "experiments", "mnist-cascade.yaml");
const env = { ...process.env, MLFLOW_TRACKING_URI: "" };

/** The kernel's own high-water mark of a process in bytes; Linux only. */
async function peakOf(pid) {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}

async function measure(name) {
  const startMs = performance.now();
  const child = spawn(process.execPath, [cli, "--root", folder, "run", spec], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  let peak = 0;
  const timer = setInterval(async () => (peak = Math.max(peak, await peakOf(child.pid))), 100);
  const code = await new Promise((resolve) => child.on("close", resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`the run ended with exit ${code}\n${output}`);
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  const memory = peak > 0 ? `${(peak / 2 ** 30).toFixed(2)} GiB at most` : "memory not known here";
  console.log(`${name.padEnd(12)} ${seconds.padStart(6)} s   ${memory}   ${/^\d+ computed.*$/m.exec(output)?.[0] ?? ""}`);
}

try {
  await measure("empty store");
  await measure("again");
} finally {
  await rm(folder, { recursive: true, force: true });
}

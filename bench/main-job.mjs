// Wall time and peak memory of the main job, first with an empty store, then again with nothing left to compute.
// Usage: npm run bench -- main-job        The targets: 180 s and 2.5 GiB on two cores with the native library; 5 s again.
// Linux only for the memory: the kernel keeps the high-water mark of the process, worker threads and native library included.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MEMORY_LIMIT_GIB = 2.5;
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

function memoryOf(bytes) {
  if (bytes === 0) return "peak RSS not known here";
  const gib = bytes / 2 ** 30;
  return `peak RSS ${gib.toFixed(2)} GiB, ${gib < MEMORY_LIMIT_GIB ? "under" : "NOT UNDER"} ${MEMORY_LIMIT_GIB} GiB`;
}

async function measure(name, targetSeconds) {
  const startMs = performance.now();
  const child = spawn(process.execPath, [cli, "--root", folder, "run", spec], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  let peak = 0;
  const timer = setInterval(async () => (peak = Math.max(peak, await peakOf(child.pid))), 100);
  const code = await new Promise((resolve) => child.on("close", resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`the run ended with exit ${code}\n${output}`);
  const seconds = (performance.now() - startMs) / 1000;
  const time = `${seconds.toFixed(1).padStart(6)} s, ${seconds <= targetSeconds ? "within" : "NOT WITHIN"} ${targetSeconds} s`;
  console.log(
    `${name.padEnd(12)} ${time}   ${memoryOf(peak)}   (${/^\d+ computed, \d+ from the store/m.exec(output)?.[0] ?? "no summary"})`,
  );
}

try {
  // What else the machine does goes into the times: a load well under the number of cores is needed to read them.
  console.log(
    `${availableParallelism()} cores (${cpus()[0]?.model ?? "unknown"}), load ${loadavg()[0].toFixed(2)}, node ${process.version}`,
  );
  await measure("empty store", 180);
  await measure("again", 5);
} finally {
  await rm(folder, { recursive: true, force: true });
}

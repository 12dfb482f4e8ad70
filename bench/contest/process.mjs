import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const cli = join(root, "packages", "cli", "bin", "assay.mjs");
export const peer = (name) => join(root, "bench", "peers", `${name}.py`);

/** The kernel's own high-water mark of a process in bytes, worker threads and native library included; Linux only, else 0. */
async function peakOf(pid) {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}

/** Runs a program to its end: wall time from spawn to close, peak memory, what it said. An error if it fails. */
export async function timed(file, args, { cwd = root } = {}) {
  const startMs = performance.now();
  // Tracking is another bench's; the peers' library of compiled kernels is not to ask for a folder of its own.
  const child = spawn(file, args, { cwd, env: { ...process.env, MLFLOW_TRACKING_URI: "" }, stdio: ["ignore", "pipe", "pipe"] });
  const said = { out: "", err: "" };
  child.stdout.on("data", (data) => (said.out += data));
  child.stderr.on("data", (data) => (said.err += data));
  let peak = 0;
  const timer = setInterval(async () => (peak = Math.max(peak, await peakOf(child.pid))), 50);
  const code = await new Promise((resolve, reject) => child.on("close", resolve).on("error", reject)).finally(() => clearInterval(timer));
  if (code !== 0) throw new Error(`${file} ${args.join(" ")} ended with exit ${code}\n${said.out}${said.err}`);
  return { seconds: (performance.now() - startMs) / 1000, peak, ...said };
}

export const gib = (bytes) => (bytes === 0 ? "not known here" : (bytes / 2 ** 30).toFixed(2));

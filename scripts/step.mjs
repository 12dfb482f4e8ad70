import { spawn } from "node:child_process";

const took = (startMs) => `${((performance.now() - startMs) / 1000).toFixed(1)} s`;

/** Runs one step of the set-up and prints what it did and how long it took. `work` returns a word on the outcome, or nothing. */
export async function step(name, work) {
  const startMs = performance.now();
  process.stderr.write(`• ${name} …\n`);
  const outcome = await work();
  process.stderr.write(`✓ ${name}${outcome ? `: ${outcome}` : ""} (${took(startMs)})\n`);
}

/** Runs a command to its end. Output is kept, and shown only if it fails; with `show` it goes to the terminal as it comes. */
export function command(file, args, { cwd, env = process.env, show = false, timeoutMs } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, stdio: show ? "inherit" : ["ignore", "pipe", "pipe"], ...(timeoutMs && { timeout: timeoutMs }) });
    let output = "";
    child.stdout?.on("data", (data) => (output += data));
    child.stderr?.on("data", (data) => (output += data));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve(output);
      else reject(Object.assign(new Error(`${[file, ...args].join(" ")} ended with ${signal ?? `exit ${code}`}\n${output.slice(-4000)}`), { code, output }));
    });
  });
}

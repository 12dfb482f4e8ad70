import { spawn } from "node:child_process";
import { constants } from "node:os";

const took = (startMs) => `${((performance.now() - startMs) / 1000).toFixed(1)} s`;

/** Runs one step and prints what it does and how long it took. `work` returns a word on the outcome, or nothing. */
export async function step(name, work) {
  const startMs = performance.now();
  process.stderr.write(`• ${name} …\n`);
  const outcome = await work();
  process.stderr.write(`✓ ${name}${outcome ? `: ${outcome}` : ""} (${took(startMs)})\n`);
}

/** One line inside a step. */
export const note = (line) => process.stderr.write(`  ${line}\n`);

/**
 * Runs a command to its end. `show`: "no" keeps the output and tells it only in an error, "all" gives it our terminal, "stderr" sends all
 * of it to our stderr. An interrupt reaches a child with the terminal by itself, so that we only wait for what it makes of it.
 */
export function command(file, args, { cwd, env = process.env, show = "no", timeoutMs, signal } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = { no: ["ignore", "pipe", "pipe"], all: "inherit", stderr: ["ignore", 2, 2] }[show];
    const child = spawn(file, args, { cwd, env, stdio });
    let output = "";
    let stopped;
    const stop = (why) => {
      stopped = why;
      child.kill("SIGTERM");
      // A grandchild that outlives it would keep the pipes, and us, waiting.
      child.stdout?.destroy();
      child.stderr?.destroy();
    };
    const timer = timeoutMs && setTimeout(() => stop(`took longer than ${timeoutMs / 1000} s`), timeoutMs);
    signal?.addEventListener("abort", () => stop(signal.reason.message), { once: true });
    const wait = () => {};
    const pass = (name) => child.kill(name);
    if (show === "all") process.on("SIGINT", wait).on("SIGTERM", pass).on("SIGHUP", pass);
    const end = () => {
      clearTimeout(timer);
      process.off("SIGINT", wait).off("SIGTERM", pass).off("SIGHUP", pass);
    };
    child.stdout?.on("data", (data) => (output += data));
    child.stderr?.on("data", (data) => (output += data));
    child.on("error", (error) => {
      end();
      reject(error.code === "ENOENT" ? Object.assign(new Error(`${file} is not installed`), { code: "ENOENT" }) : error);
    });
    child.on("close", (exit, killedBy) => {
      end();
      if (exit === 0 && stopped === undefined) return resolve(output);
      const code = exit ?? 128 + (constants.signals[killedBy] ?? 0);
      const why = stopped ?? (killedBy ? `was ended by ${killedBy}` : `ended with exit ${exit}`);
      reject(Object.assign(new Error(`${[file, ...args].join(" ")} ${why}\n${output.slice(-4000)}`), { code, output }));
    });
  });
}

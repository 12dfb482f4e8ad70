import { availableParallelism } from "node:os";
import { AssayError } from "@assay/core/plugin";
import { activate } from "./active.js";
import { BACKENDS, type BackendName, type Executor } from "./executor.js";
import { onnxruntime } from "./onnxruntime/executor.js";
import { tensorflow } from "./tensorflow/executor.js";
import { wasm } from "./wasm/executor.js";

const executors: Readonly<Record<BackendName, Executor>> = { onnxruntime, tensorflow, wasm };

/** The backend that computes, for `lock.json` and for the reader. */
export interface Backend {
  readonly name: BackendName;
  readonly version: string;
  /** one line: which was taken, and why */
  readonly note: string;
}

/** Whether a backend is installed; loads nothing. */
export const backendAvailable = (name: BackendName): boolean => executors[name].available();

/** The library behind a backend as `name@version`, for records of what computed; loads nothing. */
export const backendPackage = (name: BackendName): string => executors[name].package();

/**
 * Starts a compute backend; `auto` takes the fastest that loads. Networks loaded afterwards live on it. `threads`: of the processor that it may
 * keep busy, all if not given.
 */
export async function startBackend(name: BackendName | "auto" = "auto", threads = availableParallelism()): Promise<Backend> {
  if (name !== "auto") return { name, version: await start(name, threads), note: `${name}, as asked` };
  const failures: string[] = [];
  for (const candidate of BACKENDS) {
    try {
      const version = await start(candidate, threads);
      const note = failures.length === 0 ? `${candidate}, the fastest` : `${candidate}, slower: ${failures.join("; ")}`;
      return { name: candidate, version, note };
    } catch (error) {
      failures.push(error instanceof AssayError ? error.facts.what : String(error));
    }
  }
  throw missing("no compute backend loads", failures.join("; "));
}

async function start(name: BackendName, threads: number): Promise<string> {
  if (!backendAvailable(name)) throw missing(`backend ${name} is not installed`);
  try {
    const version = await executors[name].start(threads);
    activate(executors[name]);
    return version;
  } catch (error) {
    throw missing(`backend ${name} does not load`, error instanceof Error ? error.message.split("\n")[0] : String(error), error);
  }
}

const missing = (what: string, got?: string, cause?: unknown): AssayError =>
  new AssayError({ code: "BACKEND-MISSING", what, ...(got !== undefined && { got }), next: "Run `npx assay doctor`", exit: 3 }, { cause });

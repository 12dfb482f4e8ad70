import { AssayError } from "@assay/core/plugin";
import type { Executor } from "./executor.js";

let active: Executor | undefined;

/** Networks loaded from now on live on this one. */
export const activate = (executor: Executor): void => void (active = executor);

/** The executor that was started last. */
export function activeExecutor(): Executor {
  if (active) return active;
  throw new AssayError({ code: "BACKEND-NOT-STARTED", what: "no compute backend was started", next: "Await `startBackend()` first." });
}

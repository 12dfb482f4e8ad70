import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import type { MetricAnswer, MetricTask } from "./metric-task.js";

/** Worker threads that score pairs of maps while the backend computes. They start with the first task. */
export class MetricPool {
  readonly #threads: number;
  #piscina: Piscina<MetricTask, MetricAnswer[]> | undefined;
  readonly #running = new Set<Promise<unknown>>();

  constructor(threads = availableParallelism()) {
    this.#threads = threads;
  }

  get threads(): number {
    return this.#threads;
  }

  run(task: MetricTask): Promise<MetricAnswer[]> {
    this.#piscina ??= new Piscina<MetricTask, MetricAnswer[]>({
      filename: fileURLToPath(new URL("../../dist/engine/metric-worker.js", import.meta.url)),
      minThreads: this.#threads,
      maxThreads: this.#threads,
      // What this process was started with, such as the conditions of a test runner, is none of the threads' business.
      execArgv: [],
    });
    const answer = this.#piscina.run(task);
    this.#running.add(answer);
    const settle = (): void => void this.#running.delete(answer);
    answer.then(settle, settle);
    return answer;
  }

  /** Waits while more tasks are queued than the threads can soon take: tasks hold their maps. */
  async room(signal: AbortSignal): Promise<void> {
    while (this.#running.size > 16 * this.#threads && !signal.aborted) await untilOneOrAborted(this.#running, signal);
  }

  /** Ends the threads, with whatever they are at. */
  async close(): Promise<void> {
    const piscina = this.#piscina;
    this.#piscina = undefined;
    await piscina?.destroy();
  }
}

/** Settles with the first of `work`, however it ends, or when the signal comes. */
export async function untilOneOrAborted(work: Iterable<Promise<unknown>>, signal: AbortSignal): Promise<void> {
  let stop = (): void => undefined;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  signal.addEventListener("abort", stop);
  try {
    await Promise.race([stopped, ...work]).catch(() => undefined);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import type { MetricAnswer, MetricShare, MetricTask, ScoreColumns } from "./metric-task.js";

type Worker = Piscina<MetricShare, MetricAnswer[]>;

/**
 * Worker threads that score pairs of maps while the backend computes. They share the images of each pair, an image always with the same thread,
 * so that what is prepared of a reference map is prepared once. They start with the first task.
 */
export class MetricPool {
  readonly #threads: number;
  #workers: readonly Worker[] = [];
  readonly #running = new Set<Promise<unknown>>();

  constructor(threads = availableParallelism()) {
    this.#threads = threads;
  }

  get threads(): number {
    return this.#threads;
  }

  run(task: MetricTask): Promise<MetricAnswer[]> {
    if (this.#workers.length === 0) this.#workers = Array.from({ length: this.#threads }, start);
    const answer = this.#answer(task, this.#workers);
    this.#running.add(answer);
    const settle = (): void => void this.#running.delete(answer);
    answer.then(settle, settle);
    return answer;
  }

  async #answer(task: MetricTask, workers: readonly Worker[]): Promise<MetricAnswer[]> {
    const threads = workers.length;
    // A reference of a single image is not always the first thread's.
    const first = Number.parseInt(task.aKey.slice(0, 8), 16) || 0;
    const shares = workers.map((): number[] => []);
    task.b.images.forEach((image, position) => void shares[(first + image) % threads]!.push(position));
    const answers = await Promise.all(
      shares.flatMap((positions, i) => (positions.length === 0 ? [] : [workers[i]!.run({ ...task, positions, threads })])),
    );
    return task.metrics.map((_, metric) => whole(answers.map((each) => each[metric]!)));
  }

  /** Waits while more tasks are queued than the threads can soon take: tasks hold their maps. */
  async room(signal: AbortSignal): Promise<void> {
    while (this.#running.size > 16 * this.#threads && !signal.aborted) await untilOneOrAborted(this.#running, signal);
  }

  /** Ends the threads, with whatever they are at. */
  async close(): Promise<void> {
    const workers = this.#workers;
    this.#workers = [];
    await Promise.all(workers.map((worker) => worker.destroy()));
  }
}

/** One thread each, since what it prepared stays there. */
const start = (): Worker =>
  new Piscina<MetricShare, MetricAnswer[]>({
    filename: fileURLToPath(new URL("../../dist/engine/metric-worker.js", import.meta.url)),
    minThreads: 1,
    maxThreads: 1,
    // What this process was started with, such as the conditions of a test runner, is none of the threads' business.
    execArgv: [],
  });

/** The answers of all shares in one: each has filled its own positions. */
function whole(answers: readonly MetricAnswer[]): MetricAnswer {
  const scores: ScoreColumns = { image: [], repetition: [], value: [], ties: [], target: [], reasons: {} };
  for (const answer of answers) {
    if ("error" in answer) return answer;
    for (const column of Object.keys(scores) as (keyof ScoreColumns)[]) Object.assign(scores[column], answer.scores[column]);
  }
  return { scores };
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

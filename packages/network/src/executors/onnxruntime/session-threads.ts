import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";

/** An array and its shape, with the batch. */
export interface Values {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export interface Opening {
  readonly name: string;
  readonly file: Uint8Array<ArrayBuffer>;
  /** that share each operation */
  readonly threads: number;
}

/** The sessions of a way that many weight sets have in common: what the first says of an array is kept, and handed to the second. */
export interface Way {
  readonly forward: string;
  readonly back: string;
}

export interface Question {
  readonly name: string;
  readonly given: Readonly<Record<string, Values>>;
  /** ways below, from the input up */
  readonly below: readonly Way[];
}

interface Tasks {
  open: { given: Opening; answer: unknown };
  run: { given: Question; answer: Readonly<Record<string, Values>> };
  close: { given: string; answer: unknown };
}

/** More do not pay: each holds a copy of every session. */
const MOST = 4;

/**
 * Worker threads that hold sessions of onnxruntime. Each computes its share of a batch alone, which loses nothing to waiting for the others at
 * the end of every operation. A thread starts with its first task, and keeps no process alive.
 */
export class SessionThreads {
  /** that run beside each other */
  readonly count: number;
  /** of the processor */
  readonly cores: number;
  readonly #workers = new Map<number, Piscina>();

  constructor(cores: number) {
    this.cores = cores;
    this.count = Math.min(MOST, cores);
  }

  /** Throws where the library does not load. */
  async ready(): Promise<void> {
    await this.ask(0, "close", "");
  }

  ask<T extends keyof Tasks>(
    thread: number,
    task: T,
    given: Tasks[T]["given"],
    moved: readonly ArrayBuffer[] = [],
  ): Promise<Tasks[T]["answer"]> {
    const known = this.#workers.get(thread);
    const worker = known ?? start(this.count);
    if (!known) this.#workers.set(thread, worker);
    return worker.run(given, { name: task, transferList: [...moved] }) as Promise<Tasks[T]["answer"]>;
  }
}

/** One thread each, since a session lives where it was opened. */
const start = (count: number): Piscina =>
  new Piscina({
    filename: fileURLToPath(new URL("../../../dist/executors/onnxruntime/session-worker.js", import.meta.url)),
    minThreads: 1,
    maxThreads: 1,
    workerData: { count },
    // What this process was started with, such as the conditions of a test runner, is none of the threads' business.
    execArgv: [],
  });

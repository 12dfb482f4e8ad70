import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import type { OnnxGraph } from "./onnx-graph.js";
import { SharedMemory } from "./shared-memory.js";

/** An array and its shape, with the batch. */
export interface Values<Buffer extends ArrayBufferLike = ArrayBufferLike> {
  readonly data: Float32Array<Buffer>;
  readonly shape: readonly number[];
}

export interface Opening {
  readonly name: string;
  readonly file: Uint8Array;
  /** the arrays that it looks for, until it is open */
  readonly arrays: Uint8Array<SharedArrayBuffer>;
  /** that share each operation */
  readonly threads: number;
}

/**
 * The sessions of a way that many weight sets have in common: what the first says of an array is kept, and handed to the second, where a
 * gradient is asked.
 */
export interface Way {
  readonly forward: string;
  readonly back: string | undefined;
}

/** Arrays of a whole batch, in memory that all threads see. */
export type Shared = Readonly<Record<string, Values<SharedArrayBuffer>>>;

export interface Question {
  readonly name: string;
  readonly given: Shared;
  /** written by whoever answers */
  readonly wanted: Shared;
  /** of the images, on as many threads */
  readonly shares: number;
  /** the images of this share: the first, and the one behind the last */
  readonly images: readonly [number, number];
  /** the most of them in one run */
  readonly atOnce: number;
  /** ways below, from the input up */
  readonly below: readonly Way[];
  /** for the programs that ask for it */
  readonly floor: number;
}

interface Tasks {
  open: Opening;
  run: Question;
  close: string;
}

/** Bytes of arrays beside one program; so many are only set aside, not taken. */
const LARGEST = 2 ** 31;
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
  /** for what they are asked, and what they answer */
  readonly memory = new SharedMemory();
  readonly #workers = new Map<number, Piscina>();
  readonly #arrays = new SharedArrayBuffer(0, { maxByteLength: LARGEST });
  /** what was written there last, in order */
  #lying: readonly WeakRef<object>[] = [];
  #opening: Promise<unknown> = Promise.resolve();

  constructor(cores: number) {
    this.cores = cores;
    this.count = Math.min(MOST, cores);
  }

  /** Throws where the library does not load. */
  async ready(): Promise<void> {
    await this.ask(0, "close", "");
  }

  /** Opens a session on some threads. One program after the other, since its arrays lie where the last one's lay. */
  open(program: OnnxGraph, places: readonly number[], { name, threads }: Pick<Opening, "name" | "threads">): Promise<void> {
    const opened = this.#opening.then(async () => {
      const bytes = program.size;
      if (bytes > this.#arrays.byteLength) this.#arrays.grow(bytes);
      const lying = this.#lying;
      this.#lying = [];
      this.#lying = program.writeArrays(this.#arrays, lying);
      const opening = { name, file: program.file(), arrays: new Uint8Array(this.#arrays, 0, bytes), threads };
      await all(places.map((place) => this.ask(place, "open", opening)));
    });
    this.#opening = opened.catch(() => undefined);
    return opened;
  }

  ask<T extends keyof Tasks>(thread: number, task: T, given: Tasks[T]): Promise<void> {
    const known = this.#workers.get(thread);
    const worker = known ?? start();
    if (!known) this.#workers.set(thread, worker);
    return worker.run(given, { name: task }) as Promise<void>;
  }
}

/** As `Promise.all`, but nothing is running any more when it fails: threads read and write memory that is used again. */
export async function all(tasks: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(tasks)).find((task) => task.status === "rejected");
  if (failed) throw failed.reason;
}

/** One thread each, since a session lives where it was opened. */
const start = (): Piscina =>
  new Piscina({
    filename: fileURLToPath(new URL("../../../dist/executors/onnxruntime/session-worker.js", import.meta.url)),
    minThreads: 1,
    maxThreads: 1,
    // What this process was started with, such as the conditions of a test runner, is none of the threads' business.
    execArgv: [],
  });

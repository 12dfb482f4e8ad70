import { RESULT } from "./names.js";
import type { OnnxGraph, Output } from "./onnx-graph.js";
import { all, type SessionThreads, type Shared, type Values } from "./session-threads.js";

let names = 0;

/** A way that several weight sets have in common (`Way`). */
export interface SessionWay {
  readonly forward: Session;
  readonly back: Session | undefined;
}

interface RunOptions {
  readonly atOnce: number;
  readonly below?: readonly SessionWay[];
  readonly floor?: number;
  readonly took?: (ms: number, images: number) => void;
}

/** A program in memory, ready to run. */
export class Session {
  /** of its arrays */
  readonly bytes: number;
  readonly #threads: SessionThreads;
  readonly #program: OnnxGraph;
  readonly #divided: boolean;
  readonly #name = String(names++);
  /** On every thread alone, for batches; and on the first with all cores, for less images than there are threads. */
  #apart: Promise<void> | undefined;
  #whole: Promise<void> | undefined;
  #running = 0;
  #closed = false;

  /** `divided`: many images are shared by the threads, each with a copy of its own; else all cores work on one. */
  constructor(threads: SessionThreads, program: OnnxGraph, divided: boolean) {
    this.#threads = threads;
    this.#program = program;
    this.#divided = divided;
    this.bytes = program.size;
  }

  /**
   * Every array begins with the batch, which the threads share, each in runs of as many as `atOnce` says. `below`: ways that lead from the
   * input to this program's, and the gradient back. `floor` is told to the programs that ask for it (`FLOOR`). `read` takes what it wants of
   * the answer, whose memory is used again. `took` is told the milliseconds of a thread, and its images.
   */
  async run<T>(
    given: Readonly<Record<string, Values>>,
    read: (answer: Shared) => T,
    { atOnce, below = [], floor = -Infinity, took = () => undefined }: RunOptions,
  ): Promise<T> {
    const sessions = [this, ...below.flatMap(({ forward, back }) => (back ? [forward, back] : [forward]))];
    const images = Object.values(given)[0]!.shape[0]!;
    const { count, memory } = this.#threads;
    const apart = this.#divided && images >= count;
    const back = below[0]?.back;
    const question = mapped(given, ({ data, shape }) => ({ data: memory.take(data.length), shape }));
    const besides = back ? this.#program.outputs.filter(({ name }) => name !== RESULT) : [];
    const answer = this.#roomFor(images, [...(back ?? this).#program.outputs, ...besides]);
    for (const session of sessions) session.#running++;
    try {
      await Promise.all(sessions.map((session) => (apart ? session.#openApart() : session.#openWhole())));
      const name = (session: Session): string => (apart ? session.#name : session.#wholeName);
      const ways = below.map(({ forward, back }) => ({ forward: name(forward), back: back && name(back) }));
      for (const [input, { data }] of Object.entries(question)) data.set(given[input]!.data);
      const shares = apart ? count : 1;
      const first = (thread: number): number => Math.floor((images * thread) / shares);
      const common = { name: name(this), given: question, wanted: answer, atOnce, below: ways, floor };
      const startMs = performance.now();
      await all(
        Array.from({ length: shares }, (_, thread) =>
          this.#threads.ask(thread, "run", { ...common, shares, images: [first(thread), first(thread + 1)] }),
        ),
      );
      took(performance.now() - startMs, images / shares);
      return read(answer);
    } finally {
      for (const { data } of [...Object.values(question), ...Object.values(answer)]) memory.giveBack(data);
      for (const session of sessions) {
        session.#running--;
        session.#release();
      }
    }
  }

  /** Nothing more is asked; what is running ends first. */
  close(): void {
    this.#closed = true;
    this.#release();
  }

  #openApart(): Promise<unknown> {
    const { count, cores } = this.#threads;
    const places = Array.from({ length: count }, (_, thread) => thread);
    const own = { name: this.#name, threads: Math.max(1, Math.floor(cores / count)) };
    return (this.#apart ??= this.#threads.open(this.#program, places, own));
  }

  #openWhole(): Promise<unknown> {
    return (this.#whole ??= this.#threads.open(this.#program, [0], { name: this.#wholeName, threads: this.#threads.cores }));
  }

  get #wholeName(): string {
    return `${this.#name} whole`;
  }

  #roomFor(images: number, outputs: readonly Output[]): Shared {
    return Object.fromEntries(
      outputs.map(({ name, shape }) => {
        const data = this.#threads.memory.take(shape.reduce((size, side) => size * side, images));
        return [name, { data, shape: [images, ...shape] }];
      }),
    );
  }

  #release(): void {
    if (!this.#closed || this.#running > 0) return;
    if (this.#whole) void this.#threads.ask(0, "close", this.#wholeName);
    if (this.#apart) for (let thread = 0; thread < this.#threads.count; thread++) void this.#threads.ask(thread, "close", this.#name);
    this.#whole = this.#apart = undefined;
  }
}

const mapped = <T, U>(record: Readonly<Record<string, T>>, of: (value: T) => U): Readonly<Record<string, U>> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(value)]));

/**
 * The sessions of all networks of this process, by use: where their arrays come to more than `maxBytes`, the one that was
 * not used for the longest time is closed. A cascade asks one network after the other.
 */
export class Shelf {
  readonly #maxBytes: number;
  readonly #open = new Map<Session, { readonly bytes: number; readonly forget: () => void }>();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  put(session: Session, bytes: number, forget: () => void): void {
    this.#open.set(session, { bytes, forget });
    let sum = [...this.#open.values()].reduce((total, each) => total + each.bytes, 0);
    for (const [oldest, each] of this.#open) {
      if (sum <= this.#maxBytes || oldest === session) break;
      sum -= each.bytes;
      each.forget();
      this.take(oldest);
    }
  }

  touch(session: Session): void {
    const own = this.#open.get(session);
    if (!own) return;
    this.#open.delete(session);
    this.#open.set(session, own);
  }

  take(session: Session): void {
    this.#open.delete(session);
    session.close();
  }
}

import type { OnnxGraph } from "./onnx-graph.js";
import type { SessionThreads, Values } from "./session-threads.js";

let names = 0;

/** A way that several weight sets have in common (`Way`). */
export interface SessionWay {
  readonly forward: Session;
  readonly back: Session;
}

/** A program in memory, ready to run. */
export class Session {
  /** of its file */
  readonly bytes: number;
  readonly #threads: SessionThreads;
  readonly #program: OnnxGraph;
  readonly #name = String(names++);
  /** On every thread alone, for batches; and on the first with all cores, for less images than there are threads. */
  #apart: Promise<unknown> | undefined;
  #whole: Promise<unknown> | undefined;
  #running = 0;
  #closed = false;

  constructor(threads: SessionThreads, program: OnnxGraph) {
    this.#threads = threads;
    this.#program = program;
    this.bytes = program.size;
  }

  /**
   * Every array begins with the batch, which the threads share. `below`: ways that lead from the input to this program's, and the gradient
   * back.
   */
  async run(given: Readonly<Record<string, Values>>, below: readonly SessionWay[] = []): Promise<Readonly<Record<string, Values>>> {
    const sessions = [this, ...below.flatMap(({ forward, back }) => [forward, back])];
    const images = Object.values(given)[0]!.shape[0]!;
    const apart = images >= this.#threads.count;
    for (const session of sessions) session.#running++;
    try {
      await Promise.all(sessions.map((session) => (apart ? session.#openApart() : session.#openWhole())));
      const name = (session: Session): string => (apart ? session.#name : session.#wholeName);
      const ways = below.map(({ forward, back }) => ({ forward: name(forward), back: name(back) }));
      const share = apart ? this.#threads.count : 1;
      const start = (thread: number): number => Math.floor((images * thread) / share);
      const ask = (thread: number): Promise<Readonly<Record<string, Values>>> => {
        const own = Object.entries(given).map(([input, values]) => [input, rows(values, start(thread), start(thread + 1))] as const);
        const moved = own.map(([, { data }]) => data.buffer);
        return this.#threads.ask(thread, "run", { name: name(this), given: Object.fromEntries(own), below: ways }, moved);
      };
      const parts = await Promise.all(Array.from({ length: share }, (_, thread) => ask(thread)));
      return Object.fromEntries(Object.keys(parts[0]!).map((result) => [result, joined(parts.map((part) => part[result]!))]));
    } finally {
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
    const all = Array.from({ length: count }, (_, thread) => thread);
    return (this.#apart ??= this.#open(this.#name, all, Math.max(1, Math.floor(cores / count))));
  }

  #openWhole(): Promise<unknown> {
    return (this.#whole ??= this.#open(this.#wholeName, [0], this.#threads.cores));
  }

  get #wholeName(): string {
    return `${this.#name} whole`;
  }

  async #open(name: string, places: readonly number[], threads: number): Promise<void> {
    await Promise.all(
      places.map((place) => {
        const file = this.#program.bytes();
        return this.#threads.ask(place, "open", { name, file, threads }, [file.buffer]);
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

/** A copy of the images `from` to `to`, which a thread is given. */
function rows({ data, shape: [n = 1, ...rest] }: Values, from: number, to: number) {
  const each = data.length / n;
  return { data: new Float32Array(data.subarray(from * each, to * each)), shape: [to - from, ...rest] };
}

function joined(parts: readonly Values[]): Values {
  const [, ...rest] = parts[0]!.shape;
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { data, shape: [parts.reduce((sum, { shape }) => sum + shape[0]!, 0), ...rest] };
}

/**
 * The sessions of all networks of this process, by use: where their files and what their runs keep come to more than `maxBytes`, the one that was
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

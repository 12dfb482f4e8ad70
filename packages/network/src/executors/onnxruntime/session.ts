import type { InferenceSession, Tensor } from "onnxruntime-node";
import type { OnnxLibrary } from "./library.js";
import type { OnnxGraph } from "./onnx-graph.js";

/** An array and its shape, with the batch. */
export interface Values {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** A program in memory, ready to run. */
export class Session {
  readonly bytes: number;
  readonly #library: OnnxLibrary;
  readonly #session: InferenceSession;
  readonly #fed: Readonly<Record<string, Tensor>>;
  #running = 0;
  #closed = false;

  private constructor(library: OnnxLibrary, session: InferenceSession, fed: Readonly<Record<string, Tensor>>, bytes: number) {
    this.#library = library;
    this.#session = session;
    this.#fed = fed;
    this.bytes = bytes;
  }

  static async open(library: OnnxLibrary, program: OnnxGraph): Promise<Session> {
    const file = program.bytes();
    const fed = [...program.fed].map(([name, { values, dims }]) => [name, new library.Tensor("float32", values, [...dims])] as const);
    return new Session(library, await library.open(file), Object.fromEntries(fed), file.length);
  }

  async run(given: Readonly<Record<string, Values>>): Promise<Readonly<Record<string, Values>>> {
    const inputs = Object.entries(given).map(
      ([name, { data, shape }]) => [name, new this.#library.Tensor("float32", data, [...shape])] as const,
    );
    this.#running++;
    try {
      const results = await this.#session.run({ ...this.#fed, ...Object.fromEntries(inputs) });
      return Object.fromEntries(
        Object.entries(results).map(([name, { data, dims }]) => [name, { data: data as Float32Array, shape: dims }] as const),
      );
    } finally {
      this.#running--;
      this.#release();
    }
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Nothing more is asked; what is running ends first. */
  close(): void {
    this.#closed = true;
    this.#release();
  }

  #release(): void {
    if (this.#closed && this.#running === 0) void this.#session.release();
  }
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

import { createHash } from "node:crypto";
import { Tensor, type InferenceSession } from "onnxruntime-node";
import { packBits, unpackBits } from "./bits.js";
import type { Way } from "./session-threads.js";

/** Bytes that all threads together keep. */
export const KEPT_BYTES = 2 ** 28;

type Answer = Readonly<Record<string, Tensor>>;

/** Truths lie as bits; everything else as it came. */
interface Packed {
  readonly values: Uint8Array | Float32Array;
  readonly dims: readonly number[];
}

/**
 * What forward passes below the redrawn layers gave, by the content of their input: the same at every stage and draw. When it is full the first
 * stay, since explainers ask in the same order for each weight set, and dropping the oldest of a cycle would keep none.
 */
export class Kept {
  readonly #maxBytes: number;
  readonly #answers = new Map<
    string,
    { readonly way: string; readonly packed: Readonly<Record<string, Packed>>; readonly bytes: number }
  >();
  readonly #scratch = new Map<string, Uint8Array>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Good until the same is asked again. */
  async forward({ forward }: Way, session: InferenceSession, x: Tensor): Promise<Answer> {
    const key = `${forward} ${digest(x)}`;
    const known = this.#answers.get(key);
    if (known) return mapped(known.packed, (packed, name) => this.#unpacked(`${forward} ${name}`, packed));
    const answer = await session.run({ x });
    const packed = mapped(answer, pack);
    const bytes = Object.values(packed).reduce((sum, { values }) => sum + values.byteLength, 0);
    if (this.#bytes + bytes <= this.#maxBytes) {
      this.#answers.set(key, { way: forward, packed, bytes });
      this.#bytes += bytes;
    }
    return answer;
  }

  /** Drops what a session gave that is closed. */
  forget(name: string): void {
    for (const [key, { way, bytes }] of this.#answers) {
      if (way !== name) continue;
      this.#answers.delete(key);
      this.#bytes -= bytes;
    }
    for (const key of this.#scratch.keys()) if (key.startsWith(`${name} `)) this.#scratch.delete(key);
  }

  #unpacked(place: string, { values, dims }: Packed): Tensor {
    if (values instanceof Float32Array) return new Tensor("float32", values, dims);
    const length = dims.reduce((a, b) => a * b, 1);
    const known = this.#scratch.get(place);
    const room = known?.length === length ? known : new Uint8Array(length);
    this.#scratch.set(place, room);
    unpackBits(values, room);
    return new Tensor("bool", room, dims);
  }
}

const pack = ({ type, data, dims }: Tensor): Packed =>
  type === "bool" ? { values: packBits(data as Uint8Array), dims } : { values: data as Float32Array, dims };

const mapped = <T, U>(record: Readonly<Record<string, T>>, of: (value: T, name: string) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(value, name)]));

const digest = ({ data }: Tensor): string => {
  const { buffer, byteOffset, byteLength } = data as Float32Array;
  return createHash("sha1")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("base64");
};

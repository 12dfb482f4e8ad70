import { createHash } from "node:crypto";
import { Tensor } from "onnxruntime-node";
import { packBits, packPlaces, unpackBits, unpackPlaces } from "./bits.js";

/** Bytes that all threads together keep. */
export const KEPT_BYTES = 2 ** 28;

type Answer = Readonly<Record<string, Tensor>>;

/** Truths lie as bits, places as 16 bits, numbers as they came. */
interface Packed {
  readonly values: Uint8Array | Uint16Array | Float32Array;
  readonly dims: readonly number[];
}
type Room = Uint8Array | BigInt64Array;

/**
 * What forward passes below the redrawn layers gave, by the content of their input: the same at every stage and draw. When it is full the first
 * stay, since explainers ask in the same order for each weight set, and dropping the oldest of a cycle would keep none.
 */
export class Kept {
  /** Threads that divide images share what may be kept. */
  maxBytes: number;
  readonly #answers = new Map<
    string,
    { readonly way: string; readonly packed: Readonly<Record<string, Packed>>; readonly bytes: number }
  >();
  readonly #scratch = new Map<string, Room>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** What a way's session says of `x`; good until the same way is asked again. */
  async forward(way: string, x: Tensor, ask: (x: Tensor) => Promise<Answer>): Promise<Answer> {
    const key = `${way} ${digest(x.data as Float32Array)}`;
    const known = this.#answers.get(key);
    if (known) return mapped(known.packed, (packed, name) => this.#unpacked(`${way} ${name}`, packed));
    const answer = await ask(x);
    const bytes = Object.values(answer).reduce((sum, tensor) => sum + packedBytes(tensor), 0);
    if (this.#bytes + bytes <= this.maxBytes) {
      this.#answers.set(key, { way, packed: mapped(answer, pack), bytes });
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
    if (values instanceof Uint16Array) {
      const room = this.#room(place, length, BigInt64Array);
      unpackPlaces(values, room);
      return new Tensor("int64", room, dims);
    }
    const room = this.#room(place, length, Uint8Array);
    unpackBits(values, room);
    return new Tensor("bool", room, dims);
  }

  #room<T extends Room>(place: string, length: number, Kind: new (length: number) => T): T {
    const known = this.#scratch.get(place);
    const room = known?.length === length ? (known as T) : new Kind(length);
    this.#scratch.set(place, room);
    return room;
  }
}

const pack = ({ type, data, dims }: Tensor): Packed => {
  if (type === "bool") return { values: packBits(data as Uint8Array), dims };
  return { values: type === "int64" ? packPlaces(data as BigInt64Array) : (data as Float32Array).slice(), dims };
};
const BYTES: Readonly<Record<string, number>> = { bool: 1 / 8, int64: 2, float32: 4 };
const packedBytes = ({ type, size }: Tensor): number => Math.ceil(BYTES[type]! * size);

const mapped = <T, U>(record: Readonly<Record<string, T>>, of: (value: T, name: string) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(value, name)]));

export const digest = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  createHash("sha1")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("base64");

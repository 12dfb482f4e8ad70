import { createHash } from "node:crypto";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import type { Way } from "./session-threads.js";

/** Bytes that all threads together keep. */
export const KEPT_BYTES = 2 ** 29;

type Answer = Readonly<Record<string, Tensor>>;

/**
 * What forward passes below the redrawn layers gave, by the content of their input: the same at every stage and draw. When it is full the first
 * stay, since explainers ask in the same order for each weight set, and dropping the oldest of a cycle would keep none.
 */
export class Kept {
  readonly #maxBytes: number;
  readonly #answers = new Map<string, { readonly way: string; readonly answer: Answer; readonly bytes: number }>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  async forward({ forward }: Way, session: InferenceSession, x: Tensor): Promise<Answer> {
    const key = `${forward} ${digest(x)}`;
    const known = this.#answers.get(key);
    if (known) return known.answer;
    const answer = await session.run({ x });
    const bytes = Object.values(answer).reduce((sum, { data }) => sum + (data as Float32Array).byteLength, 0);
    if (this.#bytes + bytes <= this.#maxBytes) {
      this.#answers.set(key, { way: forward, answer, bytes });
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
  }
}

const digest = ({ data }: Tensor): string => {
  const { buffer, byteOffset, byteLength } = data as Float32Array;
  return createHash("sha1")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("base64");
};

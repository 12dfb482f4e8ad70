import { createHash } from "node:crypto";
import { tensor, type Tensor } from "@tensorflow/tfjs-core";
import { valuesOf } from "../plugin/index.js";

/** The content of a question: equal questions have equal text, whichever explainer asks. */
export const contentKey = (x: Tensor, ...labels: readonly string[]): string => {
  const data = valuesOf(x);
  return `${labels.join("|")}|${x.shape.join("x")}|${createHash("sha1")
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest("base64")}`;
};

/**
 * Results of gradients by content, at most `maxBytes` of them, outside of the backend's memory.
 * When it is full the first ones stay: explainers ask in the same order, and dropping the oldest of a cycle would keep none.
 */
export class Memo {
  readonly #maxBytes: number;
  readonly #kept = new Map<string, { readonly values: Float32Array; readonly shape: number[] }>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get(key: string): Tensor | undefined {
    const found = this.#kept.get(key);
    return found && tensor(found.values, found.shape, "float32");
  }

  put(key: string, result: Tensor): void {
    const bytes = result.size * 4;
    if (this.#bytes + bytes > this.#maxBytes || this.#kept.has(key)) return;
    this.#kept.set(key, { values: result.dataSync<"float32">(), shape: result.shape });
    this.#bytes += bytes;
  }

  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }
}

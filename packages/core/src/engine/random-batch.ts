import { tensor4d } from "@tensorflow/tfjs-core";
import type { BatchRandom, Random } from "../plugin/index.js";

type Shape = readonly [number, number, number, number];

/**
 * Noise by stream, at most `maxBytes` of it: every stage and draw, and every explainer of a node, is given the same.
 * When it is full the first ones stay, as in the memo of gradients, for as long as each network asks for them.
 */
export class NoiseMemo {
  readonly #maxBytes: number;
  readonly #kept = new Map<string, Float32Array>();
  /** of these, for the network at hand */
  readonly #asked = new Set<string>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Another network's turn: what the last one did not ask for, such as the noise of reference maps, makes room. */
  nextNetwork(): void {
    for (const [key, { byteLength }] of this.#kept) {
      if (this.#asked.has(key)) continue;
      this.#kept.delete(key);
      this.#bytes -= byteLength;
    }
    this.#asked.clear();
  }

  get(key: string, make: () => Float32Array): Float32Array {
    const kept = this.#kept.get(key);
    const noise = kept ?? make();
    if (!kept) {
      if (this.#bytes + noise.byteLength > this.#maxBytes) return noise;
      this.#kept.set(key, noise);
      this.#bytes += noise.byteLength;
    }
    this.#asked.add(key);
    return noise;
  }
}

/** Streams of the images of one batch: what an image draws does not depend on which batch it is in. */
export class ImageRandom implements BatchRandom {
  /** made when something is drawn: most inner explainers draw nothing */
  readonly #streams: () => readonly Random[];
  readonly #shape: Shape;
  readonly #memo: NoiseMemo;

  constructor(streams: () => readonly Random[], shape: Shape, memo: NoiseMemo) {
    this.#streams = streams;
    this.#shape = shape;
    this.#memo = memo;
  }

  normal(sample: number) {
    return this.#fill(sample, "normal");
  }

  uniform(sample: number) {
    return this.#fill(sample, "uniform");
  }

  /** The streams of an inner explainer, for one sample of the outer one. */
  inner(sample: number): ImageRandom {
    return new ImageRandom(() => this.#streams().map((stream) => stream.split("inner", sample)), this.#shape, this.#memo);
  }

  #fill(sample: number, kind: "normal" | "uniform") {
    const [n, h, w, c] = this.#shape;
    const size = h * w * c;
    const values = new Float32Array(n * size);
    this.#streams().forEach((image, i) => {
      const draw = (): Float32Array => {
        const stream = image.split(sample);
        return new Float32Array(size).map(() => stream[kind]());
      };
      values.set(this.#memo.get(`${kind} ${size} ${sample} ${image.path}`, draw), i * size);
    });
    return tensor4d(values, [n, h, w, c]);
  }
}

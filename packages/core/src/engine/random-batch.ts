import { tensor4d } from "@tensorflow/tfjs-core";
import type { BatchRandom, Random } from "../plugin/index.js";

type Shape = readonly [number, number, number, number];

/** Streams of the images of one batch: what an image draws does not depend on which batch it is in. */
export class ImageRandom implements BatchRandom {
  readonly #streams: readonly Random[];
  readonly #shape: Shape;

  constructor(streams: readonly Random[], shape: Shape) {
    this.#streams = streams;
    this.#shape = shape;
  }

  normal(sample: number) {
    return this.#fill(sample, (stream) => stream.normal());
  }

  uniform(sample: number) {
    return this.#fill(sample, (stream) => stream.uniform());
  }

  /** The streams of an inner explainer, for one sample of the outer one. */
  inner(sample: number): ImageRandom {
    return new ImageRandom(
      this.#streams.map((stream) => stream.split("inner", sample)),
      this.#shape,
    );
  }

  #fill(sample: number, draw: (stream: Random) => number) {
    const [n, h, w, c] = this.#shape;
    const size = h * w * c;
    const values = new Float32Array(n * size);
    this.#streams.forEach((image, i) => {
      const stream = image.split(sample);
      for (let j = 0; j < size; j++) values[i * size + j] = draw(stream);
    });
    return tensor4d(values, [n, h, w, c]);
  }
}

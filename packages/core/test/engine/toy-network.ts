import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { createHash } from "node:crypto";
import type { GradientOptions, ModelFacts, Network, Random, Redraw } from "../../src/plugin/index.js";

const SHAPE = [3, 4, 1] as const;
const CELLS = 12;
const CLASSES = 3;

export const toyFacts: ModelFacts = {
  inputShape: SHAPE,
  classes: CLASSES,
  layers: [
    { name: "squares", kind: "Square", shape: SHAPE },
    { name: "out", kind: "Dense", shape: [CLASSES] },
  ],
  blocks: ["top", "bottom"],
  digest: "toy",
};

/** logit_k(x) = Σ top_k ⊙ bottom ⊙ x²/2, whose gradient is top_k ⊙ bottom ⊙ x: exact, and different for every input. */
export class ToyNetwork implements Network {
  readonly facts = toyFacts;
  readonly bytesPerImage = 1024;
  readonly batch: number;
  readonly digest: string;
  readonly top: tf.Tensor2D;
  readonly bottom: tf.Tensor1D;
  /** images of each call of `gradient` */
  readonly calls: number[] = [];
  readonly #owned: tf.Tensor[];

  constructor(top: tf.Tensor2D, bottom: tf.Tensor1D, batch = 8, owned: tf.Tensor[] = [top, bottom]) {
    this.top = top;
    this.bottom = bottom;
    this.batch = batch;
    this.#owned = owned;
    this.digest = createHash("sha256").update(String(top.dataSync())).update(String(bottom.dataSync())).digest("hex");
  }

  static trained(batch = 8, scale = 1): ToyNetwork {
    const top = tf.tensor2d(
      Float32Array.from({ length: CLASSES * CELLS }, (_, i) => scale * Math.sin(i + 1)),
      [CLASSES, CELLS],
    );
    return new ToyNetwork(top, tf.tensor1d(Float32Array.from({ length: CELLS }, (_, i) => 1 + i / 10)), batch);
  }

  logits(x: tf.Tensor4D): Promise<tf.Tensor2D> {
    const logits = tf.tidy(() =>
      tf.matMul<tf.Tensor2D>(tf.mul<tf.Tensor2D>(tf.square(tf.reshape(x, [-1, CELLS])), tf.div(this.bottom, 2)), this.top, false, true),
    );
    return Promise.resolve(logits);
  }

  gradient(x: tf.Tensor4D, targets: readonly number[], { rule = "standard" }: GradientOptions = {}): Promise<tf.Tensor4D> {
    this.calls.push(x.shape[0]);
    const gradient = tf.tidy(() => {
      const rows = tf.gather(this.top, [...targets]);
      const standard = tf.mul(tf.mul(rows, this.bottom), tf.reshape(x, [-1, CELLS]));
      return tf.reshape<tf.Rank.R4>(rule === "guided" ? tf.relu(standard) : standard, x.shape);
    });
    return Promise.resolve(gradient);
  }

  activations(x: tf.Tensor4D): Promise<tf.Tensor> {
    return Promise.resolve(tf.square(x));
  }

  redraw(blocks: readonly string[], _how: Redraw, random: Random): ToyNetwork {
    const draw = (block: string, size: number) => {
      const stream = random.split(block);
      return Float32Array.from({ length: size }, () => stream.normal());
    };
    const owned: tf.Tensor[] = [];
    const own = <T extends tf.Tensor>(tensor: T): T => (owned.push(tensor), tensor);
    const top = blocks.includes("top") ? own(tf.tensor2d(draw("top", CLASSES * CELLS), [CLASSES, CELLS])) : this.top;
    const bottom = blocks.includes("bottom") ? own(tf.tensor1d(draw("bottom", CELLS))) : this.bottom;
    return new ToyNetwork(top, bottom, this.batch, owned);
  }

  weights() {
    return [
      { name: "out/top", shape: this.top.shape, values: Float32Array.from(this.top.dataSync()) },
      { name: "squares/bottom", shape: this.bottom.shape, values: Float32Array.from(this.bottom.dataSync()) },
    ];
  }

  withWeights(values: Float32Array): ToyNetwork {
    const top = tf.tensor2d(values.slice(0, CLASSES * CELLS), [CLASSES, CELLS]);
    return new ToyNetwork(top, tf.tensor1d(values.slice(CLASSES * CELLS)), this.batch);
  }

  dispose(): void {
    tf.dispose(this.#owned);
  }
}

export const toyImages = (n: number): Float32Array => Float32Array.from({ length: n * CELLS }, (_, i) => Math.cos(i * 1.7) + 1.2);

import * as tf from "@tensorflow/tfjs-core";
import { loadLayersModel, type LayersModel } from "@tensorflow/tfjs-layers";
import { AssayError, type Epoch, type LabelledImages, type Network, type Training } from "@assay/core/plugin";

type Weight = LayersModel["weights"][number];

interface Settings {
  readonly rate: number;
  readonly batch: number;
}

/** No progress bar of its own. (The enum of its type is not exported.) */
const SILENT = { verbose: 0 };
/** Images at a time where nothing is learned. */
const LOOK = 500;

/** A network as a layers model of TensorFlow.js, which knows how to train it. */
export class LayersTraining implements Training {
  readonly #model: LayersModel;
  readonly #optimizer: tf.AdamOptimizer;
  readonly #set: LabelledImages;
  readonly #batch: number;
  /** in the order of the network's weights */
  readonly #weights: readonly Weight[];

  private constructor(model: LayersModel, names: readonly string[], set: LabelledImages, { rate, batch }: Settings) {
    this.#model = model;
    this.#set = set;
    this.#batch = batch;
    this.#optimizer = tf.train.adam(rate);
    this.#weights = weightsOf(model, names);
    model.compile({ optimizer: this.#optimizer, loss: endsInSoftmax(model) ? "categoricalCrossentropy" : crossEntropy });
  }

  static async start(network: Network, set: LabelledImages, settings: Settings): Promise<LayersTraining> {
    const weights = network.weights();
    if (!network.topology) throw untrainable("it did not come as a TensorFlow.js layers model");
    const model = await loadLayersModel({ load: () => Promise.resolve({ modelTopology: network.topology! }) });
    const training = new LayersTraining(
      model,
      weights.map(({ name }) => name),
      set,
      settings,
    );
    weights.forEach(({ values }, i) => assign(training.#weights[i]!, values));
    return training;
  }

  async epoch(order: Uint32Array, signal: AbortSignal): Promise<Epoch> {
    // A restored optimiser has its running powers of β computed anew; so has one that was not interrupted.
    await this.#setMemory(await this.#memory());
    const [x, y] = this.#tensors(this.#set, order);
    try {
      const { history } = await this.#model.fit(x, y, {
        epochs: 1,
        batchSize: this.#batch,
        shuffle: false,
        ...SILENT,
        callbacks: {
          onBatchEnd: () => {
            if (signal.aborted) this.#model.stopTraining = true;
          },
        },
      });
      signal.throwIfAborted();
      return { loss: Number(history["loss"]![0]), accuracy: await this.accuracy(this.#set) };
    } finally {
      tf.dispose([x, y]);
    }
  }

  async accuracy(set: LabelledImages): Promise<number> {
    const [n, h, w, c] = set.shape;
    const size = h * w * c;
    let right = 0;
    for (let from = 0; from < n; from += LOOK) {
      const to = Math.min(n, from + LOOK);
      const named = tf.tidy(() => {
        const x = tf.tensor4d(set.values.subarray(from * size, to * size), [to - from, h, w, c]);
        return tf.argMax(this.#model.predict(x) as tf.Tensor, 1);
      });
      const classes = await named.data();
      named.dispose();
      for (let i = from; i < to; i++) if (classes[i - from] === set.labels[i]) right++;
    }
    return right / n;
  }

  async weights(): Promise<Float32Array> {
    return joined(await Promise.all(this.#weights.map((weight) => floats(weight.read()))));
  }

  /** Steps taken, the weights, then Adam's two moments of each; these begin with the first step. */
  async save(): Promise<Float32Array> {
    const [steps, ...moments] = await this.#memory();
    const count = await floats(steps!.tensor);
    return joined([count, await this.weights(), ...(await Promise.all(moments.map(({ tensor }) => floats(tensor))))]);
  }

  async restore(state: Float32Array): Promise<void> {
    let from = 1;
    const take = (length: number): Float32Array => state.slice(from, (from += length));
    for (const weight of this.#weights) assign(weight, take(weight.read().size));
    if (state.length === from) return;
    const trained = this.#model.trainableWeights.map((weight) => weight.read());
    const moments = [...trained, ...trained].map((like) => tf.tensor(take(like.size), like.shape));
    const memory = [tf.scalar(state[0]!, "int32"), ...moments].map((tensor) => ({ name: "", tensor }));
    await this.#setMemory(memory);
  }

  dispose(): void {
    this.#optimizer.dispose();
    this.#model.dispose();
  }

  #memory(): ReturnType<tf.AdamOptimizer["getWeights"]> {
    return this.#optimizer.getWeights();
  }

  /** Takes the tensors over. */
  async #setMemory(memory: Awaited<ReturnType<tf.AdamOptimizer["getWeights"]>>): Promise<void> {
    const before = await this.#memory();
    await this.#optimizer.setWeights(memory);
    // A set: what was the memory before may be handed in again.
    tf.dispose([...new Set([...before, ...memory].map(({ tensor }) => tensor))]);
  }

  #tensors({ values, shape: [n, h, w, c], labels }: LabelledImages, order: Uint32Array): [tf.Tensor, tf.Tensor] {
    const classes = this.#model.outputs[0]!.shape.at(-1)!;
    const size = h * w * c;
    const x = new Float32Array(n * size);
    const y = new Float32Array(n * classes);
    order.forEach((image, i) => {
      x.set(values.subarray(image * size, (image + 1) * size), i * size);
      y[i * classes + labels[image]!] = 1;
    });
    return [tf.tensor4d(x, [n, h, w, c]), tf.tensor2d(y, [n, classes])];
  }
}

const crossEntropy = (labels: tf.Tensor, logits: tf.Tensor): tf.Tensor => tf.losses.softmaxCrossEntropy(labels, logits);

function endsInSoftmax(model: LayersModel): boolean {
  const last = model.layers.at(-1)!;
  return last.getClassName() === "Softmax" || JSON.stringify(last.getConfig()["activation"] ?? "") === '"softmax"';
}

function weightsOf(model: LayersModel, names: readonly string[]): Weight[] {
  const byName = new Map(model.weights.map((weight) => [weight.originalName, weight]));
  const missing = names.find((name) => !byName.has(name));
  if (missing !== undefined || byName.size !== names.length) throw untrainable(`its layers have other weights (${missing ?? "more"})`);
  return names.map((name) => byName.get(name)!);
}

const untrainable = (why: string): AssayError =>
  new AssayError({
    code: "TRAINING-MODEL",
    where: "trainer/adam",
    what: `this model cannot be trained: ${why}`,
    next: "Take a model that TensorFlow.js has saved.",
    exit: 1,
  });

function assign(weight: Weight, values: Float32Array): void {
  tf.tidy(() => void weight.write(tf.tensor(values, weight.read().shape)));
}

const floats = async (tensor: tf.Tensor): Promise<Float32Array> => Float32Array.from(await tensor.data());

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let from = 0;
  for (const part of parts) {
    all.set(part, from);
    from += part.length;
  }
  return all;
}

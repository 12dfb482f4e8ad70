import { seedTree, tf, type LabelledImages, type Network } from "@assay/core/plugin";
import { trainerKit } from "@assay/core/testing";
import { loadNetwork, startBackend } from "@assay/network";
import { afterAll, describe, expect, it } from "vitest";
import { adam } from "../src/adam.js";
import { chain, type ChainedLayer } from "../src/building/chain.js";
import { mnistCnn } from "../src/mnist-cnn.js";

await startBackend("tensorflow");
const context = { services: [] };
const { signal } = new AbortController();

/** Images whose class is seen in where they are bright, with noise. */
function bars(count: number, [height, width]: readonly [number, number], classes: number): LabelledImages {
  const random = seedTree("bars");
  const labels = Int32Array.from({ length: count }, () => random.integer(classes));
  const values = new Float32Array(count * height * width);
  labels.forEach((label, i) => {
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) values[(i * height + y) * width + x] = (x % classes === label ? 1 : 0) + 0.3 * random.normal();
  });
  return { values, shape: [count, height, width, 1], labels };
}

/** The class that a network names for each image. */
async function classesOf(network: Network, { values, shape }: LabelledImages): Promise<number[]> {
  const x = tf.tensor4d(values, [...shape]);
  const logits = await network.logits(x);
  const classes = tf.tidy(() => [...tf.argMax(logits, 1).dataSync()]);
  tf.dispose([x, logits]);
  return classes;
}

/** A network of given layers with weights from the seed. */
function small(layers: readonly ChainedLayer[], inputShape = [4, 6, 1]) {
  return loadNetwork(chain("small", inputShape, ["out"], layers));
}
const random = seedTree("weights");
const drawn = (...shape: number[]) => ({
  shape,
  values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 0.3 * random.normal()),
});
const dense = (name: string, from: number, units: number, activation = "linear"): ChainedLayer => ({
  class_name: "Dense",
  config: { name, units, activation, use_bias: true },
  weights: [
    { name: "kernel", ...drawn(from, units) },
    { name: "bias", ...drawn(units) },
  ],
});
const flatten: ChainedLayer = { class_name: "Flatten", config: { name: "flatten" } };

const mlp = small([flatten, dense("hidden", 24, 8, "relu"), dense("out", 8, 3)]);
afterAll(() => mlp.dispose());
describe("as every trainer", () => {
  const params = { rate: 0.01, batch: 16 };
  for (const { title, run } of trainerKit(adam, { network: mlp, images: bars(60, [4, 6], 3), params })) it(title, run);
});

/**
 * Softmax regression trained with Adam in double precision, straight from the paper: m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g²,
 * w ← w − rate · m̂/(√v̂ + ε) with m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ); g = mean over the batch of x ⊗ (softmax − one-hot).
 */
function byHand(
  set: LabelledImages,
  start: readonly number[],
  classes: number,
  orders: readonly Uint32Array[],
  rate: number,
  batch: number,
) {
  const [n, h, w, c] = set.shape;
  const size = h * w * c;
  const weights = [...start];
  const m = weights.map(() => 0);
  const v = weights.map(() => 0);
  let step = 0;
  const losses: number[] = [];
  for (const order of orders) {
    let total = 0;
    for (let from = 0; from < n; from += batch) {
      const chosen = [...order.subarray(from, from + batch)];
      const gradient = weights.map(() => 0);
      for (const image of chosen) {
        const x = set.values.subarray(image * size, (image + 1) * size);
        const logits = Array.from(
          { length: classes },
          (_, k) => x.reduce((sum, value, i) => sum + value * weights[i * classes + k]!, 0) + weights[size * classes + k]!,
        );
        const most = Math.max(...logits);
        const powers = logits.map((logit) => Math.exp(logit - most));
        const sum = powers.reduce((a, b) => a + b, 0);
        powers.forEach((power, k) => {
          const error = (power / sum - (set.labels[image] === k ? 1 : 0)) / chosen.length;
          x.forEach((value, i) => (gradient[i * classes + k]! += value * error));
          gradient[size * classes + k]! += error;
        });
        total -= Math.log(powers[set.labels[image]!]! / sum);
      }
      step++;
      gradient.forEach((g, i) => {
        m[i] = 0.9 * m[i]! + 0.1 * g;
        v[i] = 0.999 * v[i]! + 0.001 * g * g;
        weights[i]! -= (rate * (m[i] / (1 - 0.9 ** step))) / (Math.sqrt(v[i] / (1 - 0.999 ** step)) + 1e-7);
      });
    }
    losses.push(total / n);
  }
  return { weights, losses };
}

describe("trainer/adam", () => {
  const set = bars(50, [4, 6], 3);
  const orders = [0, 1, 2].map((epoch) => seedTree("order").split(epoch).permutation(50));

  it.each(["linear", "softmax"])("takes the steps of the paper on a regression that ends in %s", async (activation) => {
    const network = small([flatten, dense("out", 24, 3, activation)]);
    const start = network.weights().flatMap(({ values }) => [...values]);
    const training = await adam.start(network, set, { rate: 0.05, batch: 16, epochs: 3 });
    const losses: number[] = [];
    for (const order of orders) losses.push((await training.epoch(order, signal)).loss);
    const expected = byHand(set, start, 3, orders, 0.05, 16);
    const weights = await training.weights();
    const furthest = Math.max(...expected.weights.map((weight, i) => Math.abs(weight - weights[i]!)));
    expect(furthest).toBeLessThan(2e-4);
    losses.forEach((loss, i) => expect(loss).toBeCloseTo(expected.losses[i]!, 4));
    training.dispose();
    network.dispose();
  });

  it("leaves weights that the network names classes by, as the trainer said", async () => {
    const training = await adam.start(mlp, set, { rate: 0.02, batch: 10, epochs: 3 });
    for (const order of orders) await training.epoch(order, signal);
    const network = mlp.withWeights(await training.weights());
    const named = await classesOf(network, set);
    const right = named.filter((label, i) => label === set.labels[i]).length / named.length;
    expect(right).toBe(await training.accuracy(set));
    expect(network.digest).not.toBe(mlp.digest);
    training.dispose();
    network.dispose();
  });

  it("takes the shipped CNN as it is", async () => {
    const network = await mnistCnn.load({}, context);
    const training = await adam.start(network, bars(20, [28, 28], 10), { rate: 0.001, batch: 10, epochs: 1 });
    const before = await training.weights();
    expect(before).toHaveLength(network.weights().reduce((sum, { values }) => sum + values.length, 0));
    await training.epoch(seedTree(1).permutation(20), signal);
    expect(await training.weights()).not.toEqual(before);
    training.dispose();
    network.dispose();
  });

  it("learns the statistics of a batch normalisation with everything else", async () => {
    const normal: ChainedLayer = {
      class_name: "BatchNormalization",
      config: { name: "bn", axis: -1, momentum: 0.5, epsilon: 0.001, center: true, scale: true },
      weights: ["gamma", "beta", "moving_mean", "moving_variance"].map((name, i) => ({
        name,
        shape: [8],
        values: new Float32Array(8).fill(i === 0 || i === 3 ? 1 : 0),
      })),
    };
    const network = small([flatten, dense("hidden", 24, 8), normal, dense("out", 8, 3)]);
    const training = await adam.start(network, set, { rate: 0.02, batch: 10, epochs: 3 });
    for (const order of orders) await training.epoch(order, signal);
    const after = network.withWeights(await training.weights());
    const statistics = after.weights().find(({ name }) => name === "bn/moving_mean")!.values;
    expect([...statistics].every((value) => value !== 0)).toBe(true);
    const named = await training.accuracy(set);
    const classes = await classesOf(after, set);
    expect(classes.filter((label, i) => label === set.labels[i]).length / 50).toBeCloseTo(named, 6);
    training.dispose();
    after.dispose();
    network.dispose();
  });

  it("says why a network without a TensorFlow.js file cannot be trained", async () => {
    const { topology: _, ...rest } = mlp;
    const stranger = { ...rest, facts: mlp.facts, weights: () => mlp.weights() } as unknown as typeof mlp;
    await expect(adam.start(stranger, set, { rate: 0.1, batch: 1, epochs: 1 })).rejects.toThrow(/cannot be trained/);
  });
});

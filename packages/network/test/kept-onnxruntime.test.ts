import * as tf from "@tensorflow/tfjs-core";
import { GRADIENT_RULES, seedTree, type GradientRule, type Network } from "@assay/core/plugin";
import { Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Kept } from "../src/executors/onnxruntime/kept.js";
import { loadModel, loadNetwork } from "../src/index.js";
import { CASES, ORACLE, readArray, readManifest } from "./oracle.js";
import { onBackend, take } from "./oracle-cases.js";
import { array, toyModel, wave, type ToyLayer } from "./toy-model.js";

onBackend("onnxruntime");

type Given = readonly [network: Network, x: tf.Tensor4D, targets: readonly number[]];

const fromOracle = async (name: string): Promise<Given> => {
  const { shape, values } = readArray(name, "input");
  const network = await loadModel(`${ORACLE}models/${name}/model.json`);
  return [network, tf.tensor4d(values, shape as tf.Tensor4D["shape"]), readManifest(name).targets];
};

/** Wide enough that planes are worth keeping: cut behind the third, fifth and seventh convolution, the second and third way alike. */
const wide = (): Given => {
  const convolution = (from: number, phase: number): ToyLayer => ({
    kind: "Conv2D",
    config: { filters: 160, kernel_size: [3, 3], padding: "same", activation: "relu" },
    weights: { kernel: scaled([3, 3, from, 160], phase, Math.sqrt(2 / (9 * from))), bias: scaled([160], phase, 0.1) },
  });
  const layers = [
    ...[3, ...Array<number>(8).fill(160)].map(convolution),
    { kind: "MaxPooling2D", config: { pool_size: [3, 3], strides: [2, 2], padding: "same" } },
    convolution(160, 9),
    { kind: "GlobalAveragePooling2D" },
    { kind: "Dense", config: { units: 4 }, weights: { kernel: scaled([160, 4], 8, 0.1), bias: scaled([4], 8, 0.1) } },
  ];
  const network = loadNetwork(toyModel([12, 12, 3], layers));
  return [network, tf.tensor4d(wave(3 * 12 * 12 * 3), [3, 12, 12, 3]), [0, 3, 1]];
};
/** Values without a pattern, of a size that neither grows nor fades from layer to layer. */
const scaled = (shape: readonly number[], phase: number, size: number): ReturnType<typeof array> => {
  const { values } = array(shape, phase);
  return { shape, values: values.map((value) => value * size) };
};

describe.each([...CASES, "wide"])("%s, redrawn from the top", (name) => {
  let network: Network;
  let x: tf.Tensor4D;
  let targets: readonly number[];
  beforeAll(async () => {
    [network, x, targets] = name === "wide" ? wide() : await fromOracle(name);
  });
  afterAll(() => {
    x.dispose();
    network.dispose();
  });
  const asked = (times: number, ask: (images: tf.Tensor4D) => Promise<tf.Tensor>): Promise<Float32Array> => {
    const images = tf.mul<tf.Tensor4D>(x, times);
    return take(ask(images))
      .then(({ values }) => values)
      .finally(() => images.dispose());
  };
  const gradient = (of: Network, rule: GradientRule, times = 1): Promise<Float32Array> =>
    asked(times, (images) => of.gradient(images, targets, { rule }));
  const logits = (of: Network, times = 1): Promise<Float32Array> => asked(times, (images) => of.logits(images));

  it.each(GRADIENT_RULES)("is as a network that shares no layer with another, asked once or again (%s)", async (rule) => {
    const { blocks } = network.facts;
    // From the logits down to within each way of the wide one.
    const counts = name === "wide" ? [1, 3, 5, 8] : blocks.map((_, i) => i + 1);
    for (const count of counts) {
      const redrawn = network.redraw(blocks.slice(0, count), "initializer", seedTree(1).split("draw", "0"));
      const alone = network.withWeights(Float32Array.from(redrawn.weights().flatMap(({ values }) => [...values])));
      const [expected, other] = [await gradient(alone, rule), await gradient(alone, rule, 0.5)];
      const scale = Math.max(...expected.map(Math.abs));
      for (const [times, values] of [
        [1, expected],
        [0.5, other],
        [1, expected],
        [0.5, other],
      ] as const)
        // prettier-ignore
        expect(farthest(await gradient(redrawn, rule, times), values)).toBeLessThanOrEqual(1e-5 * scale);
      const answer = await logits(alone);
      expect(farthest(await logits(redrawn), answer)).toBeLessThanOrEqual(1e-5 * Math.max(...answer.map(Math.abs)));
      for (const each of [redrawn, alone]) each.dispose();
    }
  });
});

describe("a max pool over a whole plane", () => {
  it("has its gradient where the largest cells of two planes lie over 2¹⁵ apart", async () => {
    const side = 150;
    const layers: ToyLayer[] = [
      // x in one plane, −x in the other: one is largest in the first cell, the other in the last.
      {
        kind: "Conv2D",
        config: { filters: 2, kernel_size: [1, 1], use_bias: false },
        weights: { kernel: { shape: [1, 1, 1, 2], values: [1, -1] } },
      },
      { kind: "MaxPooling2D", config: { pool_size: [side, side], strides: [1, 1] } },
      { kind: "Flatten" },
      { kind: "Dense", name: "top", config: { units: 2 }, weights: { kernel: array([2, 2]), bias: array([2]) } },
    ];
    const network = loadNetwork(toyModel([side, side, 1], layers));
    const x = tf.tensor4d(
      Float32Array.from({ length: side * side }, (_, i) => 1 - (2 * i) / (side * side - 1)),
      [1, side, side, 1],
    );
    const redrawn = network.redraw(["top"], "initializer", seedTree(1));
    const [kernel] = redrawn.weights().filter(({ name }) => name === "top/kernel");
    for (let times = 0; times < 2; times++) {
      const { values } = await take(redrawn.gradient(x, [1]));
      const expected = new Float32Array(side * side);
      expected[0] = kernel!.values[1]!;
      expected[side * side - 1] = -kernel!.values[3]!;
      expect(values).toEqual(expected);
    }
    for (const each of [redrawn, network]) each.dispose();
    x.dispose();
  });
});

const farthest = (a: Float32Array, b: Float32Array): number => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describe("what is kept of forward passes", () => {
  const tensor = (...values: number[]) => new Tensor("float32", Float32Array.from(values), [values.length]);
  const counted = () => {
    let runs = 0;
    return { ask: (x: Tensor) => Promise.resolve({ y: x, run: tensor(++runs) }), runs: () => runs };
  };

  it("is asked for once for each content and way", async () => {
    const { ask, runs } = counted();
    const kept = new Kept(1000);
    const first = await kept.forward("one", tensor(1, 2), ask);
    expect((await kept.forward("one", tensor(1, 2), ask))["run"]!.data).toEqual(first["run"]!.data);
    await kept.forward("one", tensor(2, 1), ask);
    await kept.forward("two", tensor(1, 2), ask);
    expect(runs()).toBe(3);
  });

  it.each([1, 7, 8, 9, 64, 1001])("is the same truths, of which eight take a byte (%d)", async (length) => {
    const truths = Uint8Array.from({ length }, (_, i) => Number((i * i) % 7 < 3));
    let runs = 0;
    const ask = () => {
      runs++;
      return Promise.resolve({ y: new Tensor("bool", truths.slice(), [length]) });
    };
    const kept = new Kept(Math.ceil(length / 8));
    for (let times = 0; times < 3; times++) expect((await kept.forward("one", tensor(1), ask))["y"]!.data).toEqual(truths);
    expect(runs).toBe(1);
  });

  it.each([1, 7, 1001])("is the same places, of which each takes two bytes (%d)", async (length) => {
    // Up to 2¹⁵ − 1 from one to the next, forth and back, and far over 2¹⁶ in the end.
    const places = BigInt64Array.from({ length }, (_, i) => BigInt(20_000 * i + (i % 2) * 12_767));
    let runs = 0;
    const ask = () => {
      runs++;
      return Promise.resolve({ y: new Tensor("int64", places.slice(), [length]) });
    };
    const kept = new Kept(2 * length);
    for (let times = 0; times < 3; times++) expect((await kept.forward("one", tensor(1), ask))["y"]!.data).toEqual(places);
    expect(runs).toBe(1);
  });

  it("does not change with the memory that it came in", async () => {
    const memory = tensor(1, 2);
    const kept = new Kept(1000);
    const ask = () => Promise.resolve({ y: memory });
    await kept.forward("one", tensor(5), ask);
    memory.data.fill(0);
    expect([...((await kept.forward("one", tensor(5), ask))["y"]!.data as Float32Array)]).toEqual([1, 2]);
  });

  it("ends where it is full, and the first stay", async () => {
    const { ask, runs } = counted();
    const kept = new Kept(24);
    for (const value of [1, 2, 3, 3, 1, 2]) await kept.forward("one", tensor(value, value), ask);
    expect(runs()).toBe(4);
  });

  it("goes with the session that gave it", async () => {
    const { ask, runs } = counted();
    const kept = new Kept(24);
    for (const value of [1, 2]) await kept.forward("one", tensor(value, value), ask);
    kept.forget("one");
    for (const value of [3, 4, 3, 4]) await kept.forward("two", tensor(value, value), ask);
    expect(runs()).toBe(4);
  });
});

import * as tf from "@tensorflow/tfjs-core";
import { REDRAWS, seedTree, type Network, type Redraw } from "@assay/core/plugin";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildGraph, type Graph } from "../src/graph/graph.js";
import type { WeightTable } from "../src/graph/weights.js";
import { loadModel } from "../src/index.js";
import { conv2d } from "../src/ops/index.js";
import { initializer } from "../src/redraw/initializers.js";
import { redrawWeights } from "../src/redraw/redraw.js";
import { CASES, ORACLE, readArray, readJson, readManifest } from "./oracle.js";
import { onBackend, take } from "./oracle-cases.js";

interface Expected {
  readonly weight: string;
  readonly shape: readonly number[];
  readonly initializer: { readonly class_name: string; readonly config: Readonly<Record<string, unknown>> };
  readonly mean: number;
  readonly std: number;
  readonly bounds: readonly [number, number] | null;
}

interface Randomizers {
  readonly truncatedNormal: { readonly std: number; readonly excessKurtosis: number; readonly quantiles: Readonly<Record<string, number>> };
  readonly varianceScaling: {
    readonly rows: readonly {
      readonly shape: readonly number[];
      readonly keras: { readonly std: number; readonly bound: number };
      readonly glorotUniform: { readonly std: number; readonly bound: number };
    }[];
  };
  readonly modelFiles: Readonly<Record<string, readonly Expected[]>>;
}

const oracle = readJson("randomizers/manifest.json") as Randomizers;

const sample = (kind: string, config: Readonly<Record<string, unknown>>, shape: readonly number[], n: number): Float64Array => {
  const next = initializer({ kind, config }, shape, seedTree(7).split(kind, ...shape));
  return Float64Array.from({ length: n }, () => next());
};

function moments(values: ArrayLike<number>): { mean: number; std: number } {
  const list = Array.from(values);
  const mean = list.reduce((a, b) => a + b, 0) / list.length;
  return { mean, std: Math.sqrt(list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length) };
}

describe("initializers", () => {
  const n = 40_000;

  it("draw the truncated normal's quantiles, deviation and kurtosis", () => {
    const values = sample("TruncatedNormal", { mean: 0, stddev: 1 }, [1], 200_000).sort();
    expect(moments(values).std).toBeCloseTo(oracle.truncatedNormal.std, 2);
    for (const [p, quantile] of Object.entries(oracle.truncatedNormal.quantiles)) {
      expect(Math.abs((values[Math.floor(Number(p) * values.length)] ?? NaN) - quantile), p).toBeLessThan(0.02);
    }
    const { std } = moments(values);
    expect(values.reduce((sum, value) => sum + (value / std) ** 4, 0) / values.length - 3).toBeCloseTo(
      oracle.truncatedNormal.excessKurtosis,
      1,
    );
    expect(Math.max(...values.subarray(-1))).toBeLessThanOrEqual(2);
  });

  it("scale variance with Keras' correction, for every kernel shape", () => {
    for (const { shape, keras, glorotUniform } of oracle.varianceScaling.rows) {
      const scaled = sample("VarianceScaling", { scale: 2, mode: "fan_in", distribution: "truncated_normal" }, shape, n);
      const glorot = sample("GlorotUniform", {}, shape, n);
      for (const [values, { std, bound }] of [[scaled, keras] as const, [glorot, glorotUniform] as const]) {
        expect(Math.abs(moments(values).std / std - 1)).toBeLessThan(0.015);
        expect(values.every((value) => Math.abs(value) <= bound)).toBe(true);
        expect(values.some((value) => Math.abs(value) > 0.98 * bound)).toBe(true);
      }
    }
  });

  it("show the mean, deviation and bounds that each weight of the model files must show", () => {
    for (const name of CASES) {
      const expected = oracle.modelFiles[name] ?? [];
      expect(expected.length).toBeGreaterThan(0);
      for (const { weight, shape, initializer: own, mean, std, bounds } of expected) {
        const values = sample(own.class_name, own.config, shape, 10_000);
        const got = moments(values);
        expect(Math.abs(got.mean - mean), weight).toBeLessThanOrEqual(0.05 * std + 1e-9);
        expect(Math.abs(got.std - std), weight).toBeLessThanOrEqual(0.03 * std + 1e-9);
        if (bounds) expect(values.every((value) => value >= bounds[0] - 1e-9 && value <= bounds[1] + 1e-9)).toBe(true);
      }
    }
  });

  it("refuse an initializer that they do not know", () => {
    expect(() => sample("Orthogonal", {}, [2, 2], 1)).toThrow(/^MODEL-UNSUPPORTED-INITIALIZER/);
  });
});

describe("weights of a redraw", () => {
  const convolution = conv2d({ size: [3, 3], filters: 8, bias: true, strides: [1, 1], padding: "same", dilations: [1, 1] });
  const spec = { kind: "Conv2D", operation: convolution };
  const graph: Graph = buildGraph(
    { name: "input", shape: [4, 4, 8] },
    [
      { ...spec, name: "a", inputs: ["input"] },
      { ...spec, name: "b", inputs: ["a"] },
      {
        name: "flat",
        kind: "Flatten",
        inputs: ["b"],
        operation: { ...convolution, kind: "flatten", parameters: () => ({}), shape: () => [128] },
      },
    ],
    "flat",
    "test",
  );
  const arrays = (phase: number): Record<string, { shape: number[]; values: Float32Array }> => ({
    kernel: { shape: [3, 3, 8, 8], values: Float32Array.from({ length: 576 }, (_, i) => 3 + 2 * Math.sin(i * 7.31 + phase)) },
    bias: { shape: [8], values: new Float32Array(8).fill(0.5) },
  });
  const weights: WeightTable = new Map([
    ["a", arrays(0)],
    ["b", arrays(1)],
  ]);
  const blocks = ["a", "b"].map((name) => ({ name, layers: [name] }));
  const draw = (names: readonly string[], how: Redraw, seed = 1): WeightTable =>
    redrawWeights(
      graph,
      weights,
      blocks.filter((block) => names.includes(block.name)),
      how,
      seedTree(seed),
    ).table;
  const kernel = (table: WeightTable, name: string): Float32Array => table.get(name)?.["kernel"]?.values ?? new Float32Array();

  it.each(REDRAWS)("%s leaves other blocks the same objects, nests cascades, and tells equal shapes apart", (how) => {
    const one = draw(["a"], how);
    const both = draw(["a", "b"], how);
    expect(one.get("b")).toBe(weights.get("b"));
    expect(kernel(both, "a")).toEqual(kernel(one, "a"));
    expect(kernel(both, "b")).toEqual(kernel(draw(["b"], how), "b"));
    expect(kernel(both, "a")).not.toEqual(kernel(both, "b"));
    expect(kernel(one, "a")).not.toEqual(kernel(weights, "a"));
    expect(kernel(draw(["a"], how, 2), "a")).not.toEqual(kernel(one, "a"));
    expect(kernel(weights, "a")).toEqual(arrays(0)["kernel"]?.values);
  });

  it("takes √(2/fan-in) and zero bias where the file names no initializer", () => {
    const table = draw(["a"], "initializer");
    expect(Math.abs(moments(kernel(table, "a")).std / Math.sqrt(2 / 72) - 1)).toBeLessThan(0.08);
    expect(Array.from(table.get("a")?.["bias"]?.values ?? [1])).toEqual(new Array(8).fill(0));
  });

  it("shuffles each array: the same values elsewhere", () => {
    const shuffled = kernel(draw(["a"], "shuffle"), "a");
    expect(shuffled.slice().sort()).toEqual(kernel(weights, "a").slice().sort());
  });

  it("matches each array's own mean and deviation", () => {
    const matched = moments(kernel(draw(["a"], "gaussian-matched"), "a"));
    const own = moments(kernel(weights, "a"));
    expect(Math.abs(matched.mean - own.mean)).toBeLessThan(0.15 * own.std);
    expect(Math.abs(matched.std / own.std - 1)).toBeLessThan(0.1);
    expect(Array.from(draw(["a"], "gaussian-matched").get("a")?.["bias"]?.values ?? [])).toEqual(new Array(8).fill(0.5));
  });
});

describe("a redrawn network", () => {
  onBackend("wasm");
  let network: Network;
  let x: tf.Tensor4D;
  const start = { tensors: 0 };
  const { targets } = readManifest("mobile-like");
  beforeAll(async () => {
    start.tensors = tf.memory().numTensors;
    network = await loadModel(`${ORACLE}models/mobile-like/model.json`);
    const { shape, values } = readArray("mobile-like", "input");
    x = tf.tensor4d(values, shape as tf.Tensor4D["shape"]);
  });
  afterAll(() => {
    x.dispose();
    network.dispose();
    expect(tf.memory().numTensors).toBe(start.tensors);
  });

  it("shares the tensors of what was not redrawn, and releases only its own", async () => {
    const before = tf.memory().numTensors;
    const logits = (await take(network.logits(x))).values;
    const redrawn = network.redraw(["predictions"], "initializer", seedTree(0));
    expect(tf.memory().numTensors - before).toBe(2);
    expect((await take(redrawn.activations(x, "Conv_last_relu"))).values).toEqual(
      (await take(network.activations(x, "Conv_last_relu"))).values,
    );
    expect((await take(redrawn.logits(x))).values).not.toEqual(logits);
    redrawn.dispose();
    redrawn.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect((await take(network.logits(x))).values).toEqual(logits);
    await expect(redrawn.logits(x)).rejects.toThrow(/^NETWORK-DISPOSED/);
  });

  it("outlives the network that it was redrawn from, and the tidy that it was made in", async () => {
    const before = tf.memory().numTensors;
    const first = network.redraw(["predictions"], "shuffle", seedTree(0));
    let second = first;
    tf.tidy(() => {
      second = first.redraw(["Conv_last"], "shuffle", seedTree(0));
    });
    const values = (await take(second.logits(x))).values;
    first.dispose();
    expect((await take(second.logits(x))).values).toEqual(values);
    second.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("is the same network in one step or two, with one digest, and another one for another seed", async () => {
    const random = seedTree(3);
    const at = async (...made: Network[]): Promise<{ digests: string[]; gradients: Float32Array[] }> => {
      const seen = {
        digests: made.map((one) => one.digest),
        gradients: await Promise.all(made.map(async (one) => (await take(one.gradient(x, targets))).values)),
      };
      for (const one of made) one.dispose();
      return seen;
    };
    const top = network.redraw(["predictions"], "initializer", random);
    const { digests, gradients } = await at(
      network.redraw(["predictions", "Conv_last"], "initializer", random),
      top.redraw(["Conv_last"], "initializer", random),
      network.redraw(["predictions", "Conv_last"], "initializer", seedTree(4)),
      top,
    );
    expect(digests[0]).toBe(digests[1]);
    expect(gradients[0]).toEqual(gradients[1]);
    expect(new Set([...digests, network.digest]).size).toBe(4);
    expect(network.digest).toBe(network.facts.digest);
  });

  it("resets batch normalisation, and its statistics only when asked to", async () => {
    const layer = "Conv1_bn";
    const affine = async (how: Redraw): Promise<{ scale: number; shift: number }[]> => {
      const redrawn = network.redraw(["Conv1"], how, seedTree(5));
      const [input, output] = [await take(redrawn.activations(x, "Conv1")), await take(redrawn.activations(x, layer))];
      redrawn.dispose();
      return Array.from({ length: 8 }, (_, c) => {
        const [a, b] = [c, c + 8 * 100];
        const scale = ((output.values[b] ?? 0) - (output.values[a] ?? 0)) / ((input.values[b] ?? 0) - (input.values[a] ?? 0));
        return { scale, shift: (output.values[a] ?? 0) - scale * (input.values[a] ?? 0) };
      });
    };
    for (const { scale, shift } of await affine("initializer+statistics")) {
      expect(scale).toBeCloseTo(1 / Math.sqrt(1.001), 3);
      expect(shift).toBeCloseTo(0, 3);
    }
    expect((await affine("initializer")).some(({ scale }) => Math.abs(scale - 1) > 0.05)).toBe(true);
  });

  it("refuses an unknown block", () => {
    expect(() => network.redraw(["nowhere"], "shuffle", seedTree(0))).toThrow(/^MODEL-UNKNOWN-BLOCK/);
  });
});

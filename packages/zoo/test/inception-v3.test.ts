import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import path from "node:path";
import { loadLayersModel } from "@tensorflow/tfjs-layers";
import { GRADIENT_RULES, seedTree, tf, type GradientRule, type Network } from "@assay/core/plugin";
import { startBackend } from "@assay/network";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { inceptionV3 } from "../src/inception-v3.js";
import { photos } from "../src/photos.js";

const context = { services: [] };

interface Layer {
  readonly class_name: string;
  readonly config: Record<string, unknown> & { readonly name: string };
  readonly inbound_nodes: readonly (readonly (readonly [string])[])[];
}
interface ModelFile {
  readonly modelTopology: { readonly model_config: { readonly config: { readonly layers: readonly Layer[] } } };
  readonly weightsManifest: readonly { readonly weights: tf.io.WeightsManifestEntry[] }[];
}

/** The package's own files, read by running them, as its authors do. */
const require = createRequire(import.meta.url);
const folder = path.join(path.dirname(require.resolve("nsfwjs")), "../models/inception_v3");
const file = require(path.join(folder, "model.min.js")) as ModelFile;
const { layers } = file.modelTopology.model_config.config;
const weights = Buffer.concat(
  [1, 2, 3, 4, 5, 6].map((i) => Buffer.from(require(path.join(folder, `group1-shard${i}of6.min.js`)) as string, "base64")),
);

let network: Network;
let x: tf.Tensor4D;
beforeAll(async () => {
  await startBackend("tensorflow");
  network = await inceptionV3.load({}, context);
  const cat = await photos.open({ size: 299, preprocessing: "unit", offset: 1, limit: 1 }, context);
  x = tf.tensor4d(await cat.read(0, 1), [1, 299, 299, 3]);
}, 60_000);
afterAll(() => {
  network.dispose();
  x.dispose();
});

const cosine = (a: Float32Array, b: Float32Array): number => {
  const dot = (u: Float32Array, v: Float32Array): number => u.reduce((sum, value, i) => sum + value * v[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

/** Layers with weights between the end of a block (left out) and the end of the next. */
function weighted(from: string, to: string): string[] {
  const found = new Set<string>();
  const walk = (name: string): void => {
    if (name === from || found.has(name)) return;
    found.add(name);
    const layer = layers.find(({ config }) => config.name === name);
    for (const [source] of layer?.inbound_nodes.flat() ?? []) walk(source);
  };
  walk(to);
  return layers
    .filter(({ class_name, config }) => found.has(config.name) && /Conv2D|Batch|Dense/.test(class_name))
    .map(({ config }) => config.name);
}

/** Which weights a redraw of one block changes, by layer. */
function redrawn(block: string): string[] {
  const before = network.weights();
  const other = network.redraw([block], "initializer", seedTree(1));
  const changed = other.weights().flatMap(({ name, values }, i) => (values === before[i]!.values ? [] : [name.split("/")[0]!]));
  other.dispose();
  return [...new Set(changed)];
}

describe("model/inception-v3", () => {
  it("has the paper's 17 blocks from the output down, 94 convolutions and three dense layers in them", async () => {
    const { blocks, inputShape, classes, convolution, multiplications } = await inceptionV3.describe({}, context);
    expect({ inputShape, classes, convolution }).toEqual({ inputShape: [299, 299, 3], classes: 5, convolution: "mixed10" });
    // Szegedy et al. tell of 5 billion multiply-adds.
    expect(multiplications).toBeGreaterThan(5e9);
    expect(multiplications).toBeLessThan(6e9);
    const convolutions = blocks.map((block) => [block, redrawn(block).filter((layer) => layer.startsWith("conv2d_")).length]);
    // TF-slim's counts.
    expect(convolutions).toEqual([
      ["Logits", 0],
      ["Mixed_7c", 9],
      ["Mixed_7b", 9],
      ["Mixed_7a", 6],
      ["Mixed_6e", 10],
      ["Mixed_6d", 10],
      ["Mixed_6c", 10],
      ["Mixed_6b", 10],
      ["Mixed_6a", 4],
      ["Mixed_5d", 7],
      ["Mixed_5c", 7],
      ["Mixed_5b", 7],
      ["Conv2d_4a_3x3", 1],
      ["Conv2d_3b_1x1", 1],
      ["Conv2d_2b_3x3", 1],
      ["Conv2d_2a_3x3", 1],
      ["Conv2d_1a_3x3", 1],
    ]);
    const all = blocks.flatMap(redrawn);
    expect(new Set(all).size).toBe(all.length);
    expect(all.filter((layer) => layer.startsWith("batch_normalization_"))).toHaveLength(94);
    expect(redrawn("Logits").sort()).toEqual(["dense_1", "dense_2", "dense_3"]);
  });

  it("has in every mixed block the layers that lie between its concatenation and the one before", () => {
    const ends = ["max_pooling2d_2", ...Array.from({ length: 11 }, (_, i) => `mixed${i}`)];
    const mixed = ["5b", "5c", "5d", "6a", "6b", "6c", "6d", "6e", "7a", "7b", "7c"];
    for (const [i, name] of mixed.entries()) {
      expect(redrawn(`Mixed_${name}`).sort()).toEqual(weighted(ends[i]!, ends[i + 1]!).sort());
    }
  });

  it("has the digest of the published network, said before its weights are read and found in them", async () => {
    const { digest } = await inceptionV3.describe({}, context);
    expect(digest).toBe(createHash("sha256").update(JSON.stringify(file)).update(weights).digest("hex"));
    expect(network.digest).toBe(digest);
    expect(await inceptionV3.describe({}, context)).toEqual(network.facts);
  });

  it("gives the logits that TensorFlow.js' own importer gives for the same files", async () => {
    const [last] = layers.slice(-1);
    const linear = { ...last!, config: { ...last!.config, activation: "linear" } };
    const modelTopology = structuredClone(file.modelTopology);
    Object.assign(modelTopology.model_config.config, { layers: [...layers.slice(0, -1), linear] });
    const weightSpecs = file.weightsManifest.flatMap((group) => group.weights);
    const weightData = new Uint8Array(weights).buffer;
    const theirs = await loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
    const [expected, got] = [theirs.predict(x) as tf.Tensor, await network.logits(x)];
    const [a, b] = [expected.dataSync(), got.dataSync()];
    const largest = Math.max(...a.map(Math.abs));
    for (const [i, value] of a.entries()) expect(Math.abs(b[i]! - value) / largest).toBeLessThan(1e-5);
    theirs.dispose();
    tf.dispose([expected, got]);
  });

  it("has the gradient that finite differences give at the 20 pixels where it is largest", { timeout: 120_000 }, async () => {
    const gradient = await network.gradient(x, [2]);
    const g = gradient.dataSync();
    const at = [...g.keys()].sort((i, j) => Math.abs(g[j]!) - Math.abs(g[i]!)).slice(0, 20);
    // Wider steps cross the kinks of ReLUs and pools, narrower ones end in the rounding of the logits.
    const h = 0.0005;
    const slopes: number[] = [];
    for (const i of at) {
      const two = tf.tidy(() => {
        const one = tf.oneHot([i], g.length).toFloat().reshape<tf.Tensor4D>([1, 299, 299, 3]).mul(h);
        return tf.concat4d([x.add<tf.Tensor4D>(one), x.sub<tf.Tensor4D>(one)], 0);
      });
      const logits = await network.logits(two);
      const [above, below] = [logits.arraySync()[0]![2]!, logits.arraySync()[1]![2]!];
      slopes.push((above - below) / (2 * h));
      tf.dispose([two, logits]);
    }
    const norm = (values: readonly number[]): number => Math.hypot(...values);
    expect(norm(at.map((i, k) => g[i]! - slopes[k]!)) / norm(slopes)).toBeLessThan(0.03);
    gradient.dispose();
  });

  it("has on onnxruntime the gradients that it has on TensorFlow", { timeout: 120_000 }, async () => {
    const pixels = await x.data<"float32">();
    const gradients = (of: Network): Promise<Float32Array[]> => {
      const images = tf.tensor4d(pixels, x.shape);
      const ask = async (rule: GradientRule): Promise<Float32Array> => {
        const gradient = await of.gradient(images, [2], { rule });
        return gradient.data<"float32">().finally(() => gradient.dispose());
      };
      return Promise.all(GRADIENT_RULES.map(ask)).finally(() => images.dispose());
    };
    const expected = await gradients(network);
    try {
      await startBackend("onnxruntime");
      const other = await inceptionV3.load({}, context);
      const got = await gradients(other);
      other.dispose();
      for (const [i, rule] of GRADIENT_RULES.entries()) expect(cosine(got[i]!, expected[i]!), rule).toBeGreaterThan(0.99999);
    } finally {
      await startBackend("tensorflow");
    }
  });

  it("says what to type where the package is missing", async () => {
    vi.resetModules();
    vi.doMock("node:module", () => ({
      createRequire: () => ({
        resolve: () => {
          throw new Error("Cannot find module");
        },
      }),
    }));
    const { inceptionV3: absent } = await import("../src/inception-v3.js");
    const problem = { code: "MODEL-MISSING", exit: 3, message: expect.stringContaining("nsfwjs@4.3.0") as string };
    await expect(absent.describe({}, context)).rejects.toMatchObject(problem);
    await expect(absent.load({}, context)).rejects.toMatchObject(problem);
    vi.doUnmock("node:module");
  });

  it("leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    (await inceptionV3.load({}, context)).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

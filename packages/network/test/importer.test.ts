import { cp, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { AssayError } from "@assay/core/plugin";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeNetwork, loadModel, loadNetwork, readTopology } from "../src/index.js";
import { CASES, ORACLE, readArray, readManifest } from "./oracle.js";
import { onBackend, take } from "./oracle-cases.js";
import { array, toyModel, wave, weigh, type ToyLayer } from "./toy-model.js";

const path = (name: string): string => `${ORACLE}models/${name}/model.json`;

async function failure(work: () => unknown): Promise<AssayError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof AssayError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

describe("the facts of a model file", () => {
  it("name the blocks output first, batch normalisation with its layer", async () => {
    expect((await readTopology(path("mlp"))).blocks).toEqual(["logits", "hidden3", "hidden2", "hidden1"]);
    expect((await readTopology(path("cnn"))).blocks).toEqual(["fc2", "fc1", "conv2", "conv1"]);
    const { blocks } = await readTopology(path("mobile-like"));
    expect(blocks.slice(0, 3)).toEqual(["predictions", "Conv_last", "block3_project"]);
    expect(blocks.filter((name) => name.endsWith("_bn"))).toEqual([]);
  });

  it("find the last convolutional activation with a plane", async () => {
    const found = await Promise.all(CASES.map(async (name) => (await readTopology(path(name))).convolution));
    expect(found).toEqual([undefined, "conv2_relu", "Mixed_6a", "Conv_last_relu", "conv_d"]);
  });

  it("state input, classes and one digest, from the file or from memory", async () => {
    const facts = await readTopology(path("cnn"));
    expect([facts.inputShape, facts.classes]).toEqual([[28, 28, 1], 10]);
    const folder = `${ORACLE}models/cnn/`;
    const [topology, weights] = [await readFile(`${folder}model.json`, "utf8"), await readFile(`${folder}weights.bin`)];
    expect(describeNetwork({ topology, weights })).toEqual(facts);
    expect(facts.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it("take blocks that the caller names", async () => {
    const blocks = [
      { name: "softmax", layers: ["fc2"] },
      { name: "rest", layers: ["fc1", "conv2", "conv2_relu", "conv1"] },
    ];
    expect((await readTopology(path("cnn"), { blocks })).blocks).toEqual(["softmax", "rest"]);
    const twice = [...blocks, { name: "again", layers: ["conv1"] }];
    expect((await failure(() => readTopology(path("cnn"), { blocks: twice }))).code).toBe("MODEL-BLOCKS");
    const unknown = await failure(() => readTopology(path("cnn"), { blocks: [{ name: "a", layers: ["conv3"] }] }));
    expect([unknown.code, unknown.facts.next]).toEqual(["MODEL-UNKNOWN-LAYER", 'Did you mean "conv1"?']);
    const empty = await failure(() => readTopology(path("cnn"), { blocks: [{ name: "a", layers: ["pool1"] }] }));
    expect(empty.code).toBe("MODEL-BLOCKS");
  });
});

describe("a broken model file", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "assay-model-"));
    await cp(`${ORACLE}models/cnn/model.json`, join(folder, "model.json"));
    await cp(`${ORACLE}models/cnn/weights.bin`, join(folder, "weights.bin"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const model = (): string => join(folder, "model.json");

  it("is named, with what it lacks", async () => {
    expect((await failure(() => loadModel(join(folder, "none.json")))).code).toBe("MODEL-FILE-MISSING");
    await truncate(join(folder, "weights.bin"), 5000);
    expect((await failure(() => loadModel(model()))).code).toBe("MODEL-WEIGHTS-LENGTH");
    await rm(join(folder, "weights.bin"));
    const shard = await failure(() => readTopology(model()));
    expect([shard.code, shard.exit]).toEqual(["MODEL-SHARD-MISSING", 2]);
    expect(shard.message).toContain("weights.bin");
    await writeFile(model(), "{");
    expect((await failure(() => readTopology(model()))).code).toBe("MODEL-FILE-FORMAT");
    await writeFile(model(), '{"format": "graph-model", "modelTopology": null}');
    expect((await failure(() => readTopology(model()))).code).toBe("MODEL-FILE-FORMAT");
  });

  const broken = async (layers: readonly ToyLayer[]): Promise<AssayError> => failure(() => loadNetwork(toyModel([4, 4, 1], layers)));
  const kernel = array([16, 2]);

  it.each([
    ["LSTM", { kind: "LSTM", name: "memory" }, /layer memory: LSTM is not supported; expected one of Conv2D, DepthwiseConv2D/],
    ["toString", { kind: "toString", name: "odd" }, /layer odd: toString/],
    ["an activation", { kind: "Activation", name: "act", config: { activation: "gelu" } }, /layer act: Activation with activation gelu/],
    ["a slope", { kind: "ReLU", name: "leaky", config: { negative_slope: 0.1 } }, /layer leaky: ReLU with a negative slope/],
    ["channels first", { kind: "Flatten", name: "cf", config: { data_format: "channels_first" } }, /layer cf: Flatten with channels_first/],
  ])("names an unsupported layer: %s", async (_, layer, message) => {
    const error = await broken([layer, ...weigh(wave(16))]);
    expect([error.code, error.exit]).toEqual(["MODEL-UNSUPPORTED-LAYER", 2]);
    expect(error.message).toMatch(message);
  });

  it.each([
    ["MODEL-WEIGHT-MISSING", [{ kind: "Flatten" }, { kind: "Dense", config: { units: 2 }, weights: { kernel } }]],
    ["MODEL-WEIGHT-SHAPE", [{ kind: "Flatten" }, { kind: "Dense", config: { units: 3, use_bias: false }, weights: { kernel } }]],
    ["MODEL-WEIGHT-NOT-FINITE", weigh([...wave(15), NaN])],
    ["MODEL-SHAPE", [{ kind: "Dense", config: { units: 2 } }]],
    ["MODEL-SHAPE", [{ kind: "Conv2D", config: { filters: 1, kernel_size: 7 } }]],
    ["MODEL-OUTPUT", [{ kind: "MaxPooling2D" }]],
    ["MODEL-UNKNOWN-LAYER", [{ kind: "Flatten", inputs: ["nowhere"] }]],
    ["MODEL-FILE-FORMAT", [{ kind: "Flatten" }, { kind: "Dense", config: { units: "many" } }]],
  ])("fails with %s", async (code, layers) => {
    expect((await broken(layers)).code).toBe(code);
  });
});

describe("an imported network", () => {
  onBackend("wasm");
  const flat = { kind: "Flatten" };

  it("reads quantised weights as they were meant", async () => {
    const half = Uint8Array.from([0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0x55, 0x35]);
    const model = (bytes: Uint8Array, quantization: object) => {
      const topology = toyModel([2, 2, 1], weigh([0, 0, 0, 0])).topology as { weightsManifest: { weights: object[] }[] };
      topology.weightsManifest = [
        { paths: ["x"], weights: [{ name: "sum/kernel", shape: [4, 1], dtype: "float32", quantization }] } as never,
      ];
      return { topology, weights: bytes };
    };
    const weights = async (bytes: Uint8Array, quantization: object): Promise<number[]> => {
      const network = loadNetwork(model(bytes, quantization));
      const x = tf.zeros<tf.Rank.R4>([1, 2, 2, 1]);
      const { values } = await take(network.gradient(x, [0]));
      x.dispose();
      network.dispose();
      return Array.from(values);
    };
    expect(await weights(half, { dtype: "float16", original_dtype: "float32" })).toEqual([1, -2, 2 ** -24, Math.fround(0.333251953125)]);
    const affine = { scale: 0.5, min: -1, original_dtype: "float32" };
    expect(await weights(Uint8Array.from([0, 1, 2, 255]), { ...affine, dtype: "uint8" })).toEqual([-1, -0.5, 0, 126.5]);
    expect(await weights(Uint8Array.from([0, 0, 1, 0, 0, 1, 255, 255]), { ...affine, dtype: "uint16" })).toEqual([-1, -0.5, 127, 32766.5]);
    const long = await failure(() => loadNetwork(model(new Uint8Array(9), { dtype: "float16" })));
    expect(long.code).toBe("MODEL-WEIGHTS-LENGTH");
  });

  it("gives the output of a convolution before the normalisation that is folded into it, and the gradient there", async () => {
    const convolution = {
      kind: "Conv2D",
      name: "conv",
      config: { filters: 2, kernel_size: 3 },
      weights: { kernel: array([3, 3, 1, 2]), bias: array([2]) },
    };
    const statistics = { moving_mean: array([2], 3), moving_variance: { shape: [2], values: [0.5, 2] } };
    const normalization = { kind: "BatchNormalization", name: "bn", config: { scale: false, center: false }, weights: statistics };
    const [plain, folded] = [[], [normalization]].map((after) =>
      loadNetwork(toyModel([4, 4, 1], [convolution, ...after, ...weigh(wave(8))])),
    );
    if (!plain || !folded) throw new Error("no networks");
    const x = tf.tensor4d(wave(16, 1), [1, 4, 4, 1]);
    expect(await take(folded.activations(x, "conv"))).toEqual(await take(plain.activations(x, "conv")));
    const at = (await take(folded.gradient(x, [0], { at: "conv" }))).values;
    const scales = [1 / Math.sqrt(0.501), 1 / Math.sqrt(2.001)];
    at.forEach((value, i) => {
      expect(value).toBeCloseTo((wave(8)[i] ?? NaN) * (scales[i % 2] ?? NaN), 5);
    });
    for (const network of [plain, folded]) network.dispose();
    x.dispose();
  });

  it("differentiates a weighted sum of the logits where weights stand in place of a class", async () => {
    const network = loadNetwork(toyModel([2, 2, 1], [flat, { kind: "Dense", name: "logits", config: { units: 2, use_bias: false }, weights: { kernel: array([4, 2]) } }])); // prettier-ignore
    const x = tf.zeros<tf.Rank.R4>([2, 2, 2, 1]);
    const kernel = array([4, 2]).values;
    const { values } = await take(network.gradient(x, [[2, -3], 1]));
    values.forEach((value, i) => {
      const [first, second] = [kernel[2 * (i % 4)]!, kernel[2 * (i % 4) + 1]!];
      expect(value).toBeCloseTo(i < 4 ? 2 * first - 3 * second : second, 5);
    });
    network.dispose();
    x.dispose();
  });

  it("refuses inputs, targets and layers that do not fit", async () => {
    const network = loadNetwork(toyModel([2, 2, 1], [flat, { kind: "Dense", name: "logits", config: { units: 2, activation: "softmax", use_bias: false }, weights: { kernel: array([4, 2]) } }])); // prettier-ignore
    const [x, wrong] = [tf.zeros<tf.Rank.R4>([2, 2, 2, 1]), tf.zeros<tf.Rank.R4>([2, 2, 3, 1])];
    const tensors = tf.memory().numTensors;
    expect((await failure(() => network.logits(wrong))).code).toBe("INPUT-SHAPE");
    for (const targets of [[0], [0, 2], [0, -1], [0, 0.5], [0, [1]], [[1, NaN], 0]])
      expect((await failure(() => network.gradient(x, targets))).code).toBe("TARGET-RANGE");
    expect((await failure(() => network.activations(x, "logit"))).facts.next).toBe('Did you mean "logits"?');
    expect((await failure(() => network.gradient(x, [0, 1], { at: "logits" }))).code).toBe("MODEL-LAYER-ABOVE-LOGITS");
    expect(tf.memory().numTensors).toBe(tensors);
    network.dispose();
    tf.dispose([x, wrong]);
  });

  it("states a batch and the bytes of an image", async () => {
    const network = await loadModel(path("cnn"));
    expect(network.batch).toBe(64);
    expect(network.bytesPerImage).toBeGreaterThan(28 * 28 * 8 * 4);
    network.dispose();
    expect(readManifest("cnn").targets.length).toBe(readArray("cnn", "input").shape[0]);
  });
});

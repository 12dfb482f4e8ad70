import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { AssayError, seedTree } from "@assay/core/plugin";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadModel, readTopology } from "../src/index.js";
import { difference } from "./oracle.js";
import { FIXTURES } from "./onnx-cases.js";
import { onnxFile, type TestFile, type TestNode, type TestTensor } from "./onnx-file.js";
import { onBackend, take } from "./oracle-cases.js";
import { wave } from "./toy-model.js";

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-onnx-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function written(file: TestFile): Promise<string> {
  const path = join(folder, `${files++}.onnx`);
  await writeFile(path, onnxFile(file));
  return path;
}

const tensor = (dims: readonly number[], phase = 0): TestTensor => ({ dims, values: wave(dims.reduce((a, b) => a * b, 1), phase) }); // prettier-ignore
const integers = (...values: readonly number[]): TestTensor => ({ dims: [values.length], values: BigInt64Array.from(values, BigInt) });

/** Flatten and a matrix of one unit, whose weights are then the gradient. */
const weigh = (input: string, count: number): { nodes: TestNode[]; tensors: Record<string, TestTensor> } => ({
  nodes: [
    { op: "Flatten", inputs: [input], output: "flat" },
    { op: "Gemm", inputs: ["flat", "head.weight"], output: "logits", attributes: { transB: 1 } },
  ],
  tensors: { "head.weight": tensor([1, count], 2) },
});

async function failure(work: Promise<unknown>): Promise<AssayError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof AssayError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

describe("the facts of an ONNX file", () => {
  it("name layers and blocks as PyTorch does, from both exporters", async () => {
    const [dynamo, script] = await Promise.all(
      ["dynamo", "script"].map((exporter) => readTopology(`${FIXTURES}resnet18.${exporter}.onnx`)),
    );
    expect(dynamo!.blocks.slice(0, 4)).toEqual(["fc", "layer4.1.conv2", "layer4.1.conv1", "layer4.0.downsample.0"]);
    expect(script!.blocks.slice(0, 3)).toEqual(["fc", "layer4.1.conv2", "layer4.1.conv1"]);
    expect([...script!.blocks].sort()).toEqual([...dynamo!.blocks].sort());
    expect([dynamo!.inputShape, dynamo!.classes]).toEqual([[40, 32, 3], 10]);
  });

  it("take the name of a module for all layers below it, and of no other", async () => {
    const blocks = ["fc", "layer4", "layer1", "conv1"];
    expect((await readTopology(`${FIXTURES}resnet18.dynamo.onnx`, { blocks })).blocks).toEqual(blocks);
    const wrong = await failure(readTopology(`${FIXTURES}resnet18.dynamo.onnx`, { blocks: ["layer"] }));
    expect(wrong.code).toBe("MODEL-UNKNOWN-LAYER");
    const twice = await failure(readTopology(`${FIXTURES}resnet18.dynamo.onnx`, { blocks: ["layer4", "layer4.1"] }));
    expect(twice.code).toBe("MODEL-BLOCKS");
  });

  it("find the last activation with a plane, gated ones included", async () => {
    expect((await readTopology(`${FIXTURES}mobilenet-v2.script.onnx`)).convolution).toMatch(/^features\.18/);
    for (const [exporter, kind] of [
      ["dynamo", "HardSwish"],
      ["script", "Mul"],
    ] as const) {
      // prettier-ignore
      const { convolution, layers } = await readTopology(`${FIXTURES}mobilenet-v3.${exporter}.onnx`);
      expect(layers.find(({ name }) => name === convolution)).toMatchObject({ kind, shape: [2, 1, 24] });
    }
  });
});

describe("an ONNX file that cannot be read", () => {
  const base = (nodes: TestNode[], more: Partial<TestFile> = {}): Promise<string> => {
    const { nodes: head, tensors } = weigh("a", 12);
    return written({
      input: ["n", 1, 3, 4],
      nodes: [...nodes, ...head],
      output: "logits",
      ...more,
      tensors: { ...tensors, ...more.tensors },
    });
  };

  it.each([
    [
      "an operator",
      { op: "Gelu", name: "/act/Gelu", inputs: ["input"], output: "a" },
      /node \/act\/Gelu \(Gelu\): this operator is not supported; expected one of Add, AveragePool/,
    ],
    [
      "a transposed batch",
      { op: "Transpose", name: "t", inputs: ["input"], output: "a", attributes: { perm: [1, 0, 2, 3] } },
      /node t \(Transpose\): moves the batch/,
    ],
    [
      "a joined batch",
      { op: "Reshape", name: "r", inputs: ["input", "shape"], output: "a" },
      /node r \(Reshape\): .* while the batch stays/,
    ],
    [
      "a mean over channels",
      { op: "ReduceMean", name: "m", inputs: ["input"], output: "a", attributes: { axes: [1] } },
      /node m \(ReduceMean\)/,
    ],
    [
      "a reflected border",
      { op: "Pad", name: "p", inputs: ["input", "pads"], output: "a", attributes: { mode: "reflect" } },
      /node p \(Pad\): padding by reflect/,
    ],
  ])("says which node has %s", async (_, node, text) => {
    // prettier-ignore
    const opset = node.op === "ReduceMean" ? 13 : 18;
    const path = await base([node], { tensors: { shape: integers(6, 2), pads: integers(0, 0, 1, 1, 0, 0, 1, 1) }, opset });
    const error = await failure(readTopology(path));
    expect([error.code, error.exit]).toEqual(["MODEL-UNSUPPORTED-LAYER", 2]);
    expect(error.message).toMatch(text);
  });

  it("is no ONNX file, of another operator set, without a size, or lacks a file of weights", async () => {
    const text = join(folder, "text.onnx");
    await writeFile(text, "this is text");
    expect((await failure(readTopology(text))).code).toBe("MODEL-FILE-FORMAT");
    const relu = { op: "Relu", inputs: ["input"], output: "a" };
    expect((await failure(readTopology(await base([relu], { opset: 8 })))).code).toBe("MODEL-ONNX-OPSET");
    expect((await failure(readTopology(await base([relu], { input: ["n", 1, "h", "w"] })))).code).toBe("MODEL-INPUT");
    const away = { "head.weight": { ...tensor([1, 12]), location: "gone.bin" } };
    expect((await failure(readTopology(await base([relu], { tensors: away })))).code).toBe("MODEL-SHARD-MISSING");
  });

  it("shares a layer between two places", async () => {
    const conv = (input: string, output: string): TestNode => ({ op: "Conv", name: output, inputs: [input, "k.weight"], output });
    const path = await base([conv("input", "b"), conv("b", "a")], { tensors: { "k.weight": tensor([1, 1, 1, 1]) } });
    expect((await failure(readTopology(path))).message).toMatch(/weight k\.weight is also that of b/);
  });
});

describe("layouts of an ONNX file", () => {
  onBackend("wasm");

  const gradient = async (file: TestFile, shape: [number, number, number, number]): Promise<Float32Array> => {
    const network = await loadModel(await written(file));
    const x = tf.tensor4d(wave(shape.reduce((a, b) => a * b), 3), shape); // prettier-ignore
    const { values } = await take(network.gradient(x, new Array<number>(shape[0]).fill(0)));
    x.dispose();
    network.dispose();
    return values;
  };
  /** weights in ONNX's order as a map, channels last */
  const asMap = (weights: ArrayLike<number>, [c, h, w]: readonly [number, number, number]): Float32Array =>
    Float32Array.from({ length: c * h * w }, (_, i) => weights[(i % c) * h * w + Math.floor(i / c)]!);

  it("sort the rows of a matrix behind a flattened plane", async () => {
    const dx = await gradient({ input: ["n", 3, 2, 5], ...weigh("input", 30), output: "logits" }, [1, 2, 5, 3]);
    expect(dx).toEqual(asMap(wave(30, 2), [3, 2, 5]));
  });

  it("follow axes through transpositions and reshapes that cut them", async () => {
    const nodes: TestNode[] = [
      { op: "Reshape", inputs: ["input", "cut"], output: "b" },
      { op: "Transpose", inputs: ["b"], output: "c", attributes: { perm: [0, 4, 2, 1, 3] } },
      { op: "Reshape", inputs: ["c", "joined"], output: "d" },
      { op: "Relu", inputs: ["d"], output: "e" },
      { op: "Reshape", inputs: ["e", "odd"], output: "a" },
    ];
    const head = weigh("a", 24);
    const tensors = { cut: integers(0, 2, 2, 2, 3), joined: integers(-1, 6, 4), odd: integers(0, 4, 6), ...head.tensors };
    const dx = await gradient({ input: ["n", 4, 2, 3], nodes: [...nodes, ...head.nodes], tensors, output: "logits" }, [1, 2, 3, 4]);
    // By hand: the element at [c = 2a + b, h, w] goes to place ((w·2 + b)·2 + a)·2 + h.
    const image = wave(24, 3);
    const expected = Float32Array.from({ length: 24 }, (_, i) => {
      const [c, w, h] = [i % 4, Math.floor(i / 4) % 3, Math.floor(i / 12)];
      const place = ((w * 2 + (c % 2)) * 2 + Math.floor(c / 2)) * 2 + h;
      return image[i]! > 0 ? wave(24, 2)[place]! : 0;
    });
    expect(dx.map((value) => value + 0)).toEqual(expected);
  });

  it("take images that come channels last, as tf2onnx writes them, without moving a number", async () => {
    const nodes: TestNode[] = [
      { op: "Transpose", inputs: ["input"], output: "b", attributes: { perm: [0, 3, 1, 2] } },
      { op: "Conv", name: "net/conv1/Conv2D", inputs: ["b", "kernel"], output: "a", attributes: { kernel_shape: [1, 1] } },
    ];
    const head = weigh("a", 16);
    const file = {
      input: ["n", 8, 2, 3],
      nodes: [...nodes, ...head.nodes],
      tensors: { kernel: tensor([1, 3, 1, 1]), ...head.tensors },
      output: "logits",
    };
    const facts = await readTopology(await written(file));
    expect(facts.inputShape).toEqual([8, 2, 3]);
    expect(facts.layers.map(({ name }) => name)).toEqual(["input", "net/conv1", "net/conv1/flatten", "head"]);
    const dx = await gradient(file, [1, 8, 2, 3]);
    expect(
      difference(
        dx,
        Float32Array.from({ length: 48 }, (_, i) => wave(16, 2)[Math.floor(i / 3)]! * wave(3)[i % 3]!),
      ).relL2,
    ).toBeLessThan(1e-6);
  });

  it("fold shapes that the network computes of its input, whatever the batch", async () => {
    const nodes: TestNode[] = [
      { op: "Shape", inputs: ["input"], output: "shape" },
      { op: "Gather", inputs: ["shape", "zero"], output: "batch" },
      { op: "Slice", inputs: ["shape", "one", "four"], output: "sizes" },
      { op: "ReduceProd", inputs: ["sizes"], output: "unused" },
      { op: "Unsqueeze", inputs: ["batch", "zero1"], output: "first" },
      { op: "Concat", inputs: ["first", "minus"], output: "target", attributes: { axis: 0 } },
      { op: "Reshape", inputs: ["input", "target"], output: "a" },
    ];
    const head = weigh("a", 12);
    const zero: TestTensor = { dims: [], values: BigInt64Array.of(0n) };
    const tensors = { zero, zero1: integers(0), one: integers(1), four: integers(4), minus: integers(-1), ...head.tensors };
    const dx = await gradient({ input: ["n", 1, 3, 4], nodes: [...nodes, ...head.nodes], tensors, output: "logits" }, [2, 3, 4, 1]);
    expect([...dx]).toEqual([...wave(12, 2), ...wave(12, 2)]);
  });

  it("read half and double precision, and weights that lie in another file", async () => {
    const wanted = [0.5, -2, 0.25, 1];
    const file = (weight: TestTensor): TestFile => ({
      ...weigh("input", 4),
      input: ["n", 1, 2, 2],
      tensors: { "head.weight": weight },
      output: "logits",
    });
    const bytes = (array: Float64Array | Uint16Array | Float32Array): Uint8Array => new Uint8Array(array.buffer);
    await writeFile(join(folder, "weights.bin"), bytes(Float32Array.from(wanted)));
    const dims = [1, 4];
    for (const weight of [
      { dims, values: bytes(Uint16Array.of(0x3800, 0xc000, 0x3400, 0x3c00)), dataType: 10 },
      { dims, values: bytes(Uint16Array.of(0x3f00, 0xc000, 0x3e80, 0x3f80)), dataType: 16 },
      { dims, values: bytes(Float64Array.from(wanted)), dataType: 11 },
      { dims, values: new Float32Array(4), location: "weights.bin" },
    ])
      expect([...(await gradient(file(weight), [1, 2, 2, 1]))]).toEqual(wanted);
  });

  it("redraw blocks by the corrected He normal, and leave constants alone", async () => {
    const network = await loadModel(`${FIXTURES}vgg11.dynamo.onnx`, { blocks: ["classifier", "features"] });
    const random = network.redraw(["classifier"], "initializer", seedTree(1));
    const kernel = (of: typeof network) => of.weights().find(({ name }) => name === "classifier.0/kernel")!;
    const { values, shape } = kernel(random);
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    expect(Math.abs(deviation / Math.sqrt(2 / shape[0]!) - 1)).toBeLessThan(0.05);
    expect(kernel(network).values).not.toEqual(values);
    random.dispose();
    network.dispose();
  });
});

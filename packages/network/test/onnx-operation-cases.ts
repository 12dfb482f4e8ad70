import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadModel, type BackendName } from "../src/index.js";
import { difference } from "./oracle.js";
import { onnxFile, type TestNode, type TestTensor } from "./onnx-file.js";
import { onBackend, take } from "./oracle-cases.js";
import { wave } from "./toy-model.js";

const tensor = (dims: readonly number[], phase: number): TestTensor => ({ dims, values: wave(dims.reduce((a, b) => a * b, 1), phase) }); // prettier-ignore

const [H, W, C] = [7, 5, 2];
const pool = (op: string, attributes: TestNode["attributes"]): TestNode[] => [{ op, inputs: ["input"], output: "a", attributes: { kernel_shape: [3, 2], ...attributes } }]; // prettier-ignore
const squares: TestNode = { op: "Mul", inputs: ["input", "input"], output: "b" };
const means: TestNode = { op: "GlobalAveragePool", inputs: ["b"], output: "m" };
const conv = (attributes: TestNode["attributes"]): TestNode[] => [{ op: "Conv", inputs: ["input", "k.weight", "k.bias"], output: "a", attributes: attributes ?? {} }]; // prettier-ignore

/** Each as nodes from `input` to `a`; what follows weighs every number of `a`. */
const CASES: Readonly<Record<string, { nodes: readonly TestNode[]; kernel?: readonly number[] }>> = {
  "convolution, uneven padding": { nodes: conv({ pads: [2, 0, 1, 1] }), kernel: [3, 2, 3, 2] },
  "convolution, uneven padding, stride": { nodes: conv({ pads: [0, 1, 2, 0], strides: [2, 3] }), kernel: [3, 2, 3, 2] },
  "convolution, uneven padding, dilation": { nodes: conv({ pads: [3, 0, 1, 2], dilations: [2, 1] }), kernel: [3, 2, 3, 2] },
  "depthwise convolution, uneven padding, stride": { nodes: conv({ pads: [0, 0, 1, 1], strides: [2, 2], group: 2 }), kernel: [4, 1, 3, 3] },
  "grouped convolution, auto_pad SAME_LOWER": { nodes: conv({ auto_pad: "SAME_LOWER", group: 2 }), kernel: [6, 1, 2, 3] },
  "max pool, uneven padding": { nodes: pool("MaxPool", { pads: [1, 0, 1, 1], strides: [2, 2] }) },
  "max pool, ceil_mode": { nodes: pool("MaxPool", { ceil_mode: 1, strides: [3, 2] }) },
  "average pool, padding not counted": { nodes: pool("AveragePool", { pads: [1, 1, 0, 0], strides: [2, 1] }) },
  "average pool, padding counted, ceil_mode": {
    nodes: pool("AveragePool", { pads: [1, 0, 1, 1], strides: [3, 2], count_include_pad: 1, ceil_mode: 1 }),
  },
  "global max pool": { nodes: [{ op: "GlobalMaxPool", inputs: ["input"], output: "a" }] },
  "quotient with a repeated divisor": { nodes: [squares, means, { op: "Div", inputs: ["b", "m"], output: "a" }] },
  "difference with a repeated minuend": { nodes: [squares, means, { op: "Sub", inputs: ["m", "b"], output: "a" }] },
  "product with a repeated factor": { nodes: [squares, means, { op: "Mul", inputs: ["b", "m"], output: "a" }] },
  "sum with a repeated summand": { nodes: [squares, means, { op: "Add", inputs: ["m", "b"], output: "a" }] },
  "logarithm of a softmax over channels": { nodes: [{ op: "LogSoftmax", inputs: ["input"], output: "a", attributes: { axis: 1 } }] },
  "softmax over rows": { nodes: [{ op: "Softmax", inputs: ["input"], output: "a", attributes: { axis: 2 } }] },
  "concatenation of columns": { nodes: [squares, { op: "Concat", inputs: ["b", "input"], output: "a", attributes: { axis: 3 } }] },
};

/** The file's own output, by onnxruntime itself. */
async function byOnnxruntime(file: Uint8Array, image: Float32Array): Promise<Float32Array> {
  const session = await InferenceSession.create(file, { logSeverityLevel: 3 });
  const planes = image.map((_, i) => image[(i % (H * W)) * C + Math.floor(i / (H * W))]!);
  const { logits } = await session.run({ input: new Tensor("float32", planes, [1, C, H, W]) });
  await session.release();
  return logits!.data as Float32Array;
}

/**
 * Sums of squares behind each operation, so that no gradient is constant. Its logits against those of onnxruntime, its slope along a
 * direction against the difference quotient.
 */
export function onnxOperationCases(backend: BackendName): void {
  onBackend(backend);
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "assay-onnx-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  describe(`input gradients of ONNX operators on ${backend}`, () => {
    it.each(Object.entries(CASES))("%s", async (name, { nodes, kernel }) => {
      const tail: TestNode[] = [
        { op: "Pad", inputs: ["a", "pads"], output: "wide" },
        { op: "Mul", inputs: ["wide", "wide"], output: "squared" },
        { op: "GlobalAveragePool", inputs: ["squared"], output: "mean" },
        { op: "Flatten", inputs: ["mean"], output: "logits" },
      ];
      const pads: TestTensor = { dims: [8], values: BigInt64Array.of(0n, 0n, 1n, 0n, 0n, 0n, 0n, 2n) };
      const weights = kernel && { "k.weight": tensor(kernel, 1), "k.bias": tensor([kernel[0]!], 2) };
      const path = join(folder, `${name}.onnx`);
      const file = onnxFile({ input: ["n", C, H, W], nodes: [...nodes, ...tail], tensors: { pads, ...weights }, output: "logits" });
      await writeFile(path, file);
      const network = await loadModel(path);
      const shape = [1, H, W, C] as [number, number, number, number];
      const [image, step] = [wave(H * W * C, 3), wave(H * W * C, 7).map((value) => value * 0.004)];
      const v = Array.from(wave(network.facts.classes, 5));
      const at = async (sign: number): Promise<number> => {
        const x = tf.tensor4d(image.map((value, i) => value + sign * step[i]!), shape); // prettier-ignore
        const { values } = await take(network.logits(x));
        x.dispose();
        return values.reduce((sum, value, i) => sum + value * v[i]!, 0);
      };
      const x = tf.tensor4d(image, shape);
      const logits = (await take(network.logits(x))).values;
      expect(difference(logits, await byOnnxruntime(file, image)).relL2).toBeLessThan(1e-5);
      const dx = (await take(network.gradient(x, [v]))).values;
      x.dispose();
      const slope = dx.reduce((sum, value, i) => sum + value * step[i]!, 0);
      expect(difference([slope], [((await at(1)) - (await at(-1))) / 2]).relL2).toBeLessThan(2e-3);
      network.dispose();
    });
  });
}

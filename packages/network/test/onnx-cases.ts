import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { loadModel, type BackendName } from "../src/index.js";
import { readNpy, type Npy } from "./npy.js";
import { difference } from "./oracle.js";
import { onBackend, take } from "./oracle-cases.js";

interface Manifest {
  readonly cases: Readonly<Record<string, { readonly targets: readonly number[]; readonly exporters: readonly string[] }>>;
}

export const FIXTURES = fileURLToPath(new URL("fixtures/onnx/", import.meta.url));
const { cases } = JSON.parse(readFileSync(`${FIXTURES}manifest.json`, "utf8")) as Manifest;

export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < b.length; i++) {
    ab += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

/** torchvision's architectures as PyTorch exports them: outputs of onnxruntime, input gradients of PyTorch (fixtures/onnx/make.py). */
export function onnxCases(backend: BackendName): void {
  onBackend(backend);
  describe.each(Object.entries(cases))(`%s from ONNX on ${backend}`, (name, { targets, exporters }) => {
    const [input, output, wanted] = ["input", "output", "gradient"].map((array) => readNpy(`${FIXTURES}${name}.${array}.npy`)) as [
      Npy,
      Npy,
      Npy,
    ];
    it.each(exporters)("%s: gives the outputs of onnxruntime and the gradient of PyTorch", async (exporter) => {
      const network = await loadModel(`${FIXTURES}${name}.${exporter}.onnx`);
      const x = tf.tensor4d(input.values, input.shape as tf.Tensor4D["shape"]);
      const tensors = tf.memory().numTensors;
      const last = network.facts.layers.at(-1)!.name;
      expect(difference((await take(network.activations(x, last))).values, output.values).relL2).toBeLessThan(1e-4);
      const dx = (await take(network.gradient(x, targets))).values;
      expect(difference(dx, wanted.values).relL2).toBeLessThan(1e-3);
      expect(cosine(dx, wanted.values)).toBeGreaterThan(0.9999);
      expect(tf.memory().numTensors).toBe(tensors);
      x.dispose();
      network.dispose();
    });
  });
}

import * as tf from "@tensorflow/tfjs-core";
import type { GradientOptions, Network } from "@assay/core/plugin";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backendAvailable, loadModel, startBackend, type BackendName } from "../src/index.js";
import { CASES, expectOracle, ORACLE, readArray, readManifest } from "./oracle.js";

interface Values {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Reads a tensor and releases it. */
export async function take(promised: Promise<tf.Tensor>): Promise<Values> {
  const tensor = await promised;
  const taken = { shape: tensor.shape, values: tensor.dataSync<"float32">().slice() };
  tensor.dispose();
  return taken;
}

/** Starts a backend for the whole test file; a missing one is a failure. */
export function onBackend(backend: BackendName): void {
  beforeAll(async () => {
    expect(backendAvailable(backend)).toBe(true);
    expect((await startBackend(backend)).name).toBe(backend);
    expect(tf.getBackend()).toBe(backend === "onnxruntime" ? "wasm" : backend);
  });
}

/** Every case of the oracle that concerns the network, on one backend. */
export function oracleCases(backend: BackendName): void {
  onBackend(backend);
  describe.each(CASES)(`%s on ${backend}`, (name) => {
    const manifest = readManifest(name);
    const before = { tensors: 0 };
    let network: Network;
    let x: tf.Tensor4D;
    beforeAll(async () => {
      before.tensors = tf.memory().numTensors;
      network = await loadModel(`${ORACLE}models/${name}/model.json`);
      const { shape, values } = readArray(name, "input");
      x = tf.tensor4d(values, shape as tf.Tensor4D["shape"]);
    });
    afterAll(() => {
      x.dispose();
      network.dispose();
      expect(tf.memory().numTensors).toBe(before.tensors);
    });
    const gradient = (options?: GradientOptions): Promise<Values> => take(network.gradient(x, manifest.targets, options));

    it("gives the logits before a final softmax", async () => {
      expectOracle(name, "logits", await take(network.logits(x)));
    });

    it("gives each kept activation and the gradient at it", async () => {
      const arrays = Object.keys(manifest.arrays).filter((array) => /^(activation|layer-gradient)\./.test(array));
      expect(arrays.length).toBeGreaterThanOrEqual(4);
      for (const array of arrays) {
        const layer = array.replace(/^[^.]*\./, "");
        expectOracle(
          name,
          array,
          array.startsWith("activation") ? await take(network.activations(x, layer)) : await gradient({ at: layer }),
        );
      }
    });

    it("gives the gradient at the input", async () => {
      expectOracle(name, "gradient", await gradient());
    });

    it("gives guided backpropagation", async () => {
      expectOracle(name, "guided-backprop", await gradient({ rule: "guided" }));
    });

    it("gives the deconvolutional network, ties to the first maximum", async () => {
      expectOracle(name, "deconvnet", await gradient({ rule: "deconvnet" }));
    });

    it("gives the file's own output at a final softmax", async () => {
      const last = network.facts.layers.at(-1);
      if (manifest.model.softmax === null) {
        // Nothing to strip: the last layer is the logits.
        expectOracle(name, "logits", await take(network.activations(x, last?.name ?? "")));
        return;
      }
      expectOracle(name, "probabilities", await take(network.activations(x, last?.name ?? "")));
    });

    it("gives at a layer inside a fold what the layer itself puts out", async () => {
      for (const { name: layer, kind, shape } of network.facts.layers) {
        const output = await take(network.activations(x, layer));
        expect(output.shape, `${layer} (${kind})`).toEqual([3, ...shape]);
        expect(output.values.every(Number.isFinite)).toBe(true);
      }
    });

    it("states every layer's class and shape as the oracle does", () => {
      const facts = network.facts.layers.map((layer) => ({ name: layer.name, class: layer.kind, shape: layer.shape }));
      expect(facts).toEqual(manifest.layers.map((layer) => ({ name: layer.name, class: layer.class, shape: layer.shape })));
    });

    it("gives n images at once what it gives each alone, and leaves no tensor behind", async () => {
      const tensors = tf.memory().numTensors;
      const all = (await gradient()).values;
      const single: Float32Array[] = [];
      for (const [i, target] of manifest.targets.entries()) {
        const image = tf.slice(x, [i, 0, 0, 0], [1, -1, -1, -1]);
        single.push((await take(network.gradient(image, [target]))).values);
        image.dispose();
      }
      expect(tf.memory().numTensors).toBe(tensors);
      const scale = Math.max(...all.map(Math.abs));
      single.forEach((values, i) => {
        values.forEach((value, j) => {
          expect(Math.abs(value - (all[i * values.length + j] ?? NaN))).toBeLessThanOrEqual(1e-5 * scale);
        });
      });
    });
  });
}

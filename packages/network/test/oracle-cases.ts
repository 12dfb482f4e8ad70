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
export function take(tensor: tf.Tensor): Values {
  const taken = { shape: tensor.shape, values: tensor.dataSync<"float32">().slice() };
  tensor.dispose();
  return taken;
}

/** Starts a backend for the whole test file; a missing one is a failure. */
export function onBackend(backend: BackendName): void {
  beforeAll(async () => {
    expect(backendAvailable(backend)).toBe(true);
    expect((await startBackend(backend)).name).toBe(backend);
    expect(tf.getBackend()).toBe(backend);
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
    const gradient = (options?: GradientOptions): Values => take(network.gradient(x, manifest.targets, options));

    it("gives the logits before a final softmax", () => {
      expectOracle(name, "logits", take(network.logits(x)));
    });

    it("gives each kept activation and the gradient at it", () => {
      const arrays = Object.keys(manifest.arrays).filter((array) => /^(activation|layer-gradient)\./.test(array));
      expect(arrays.length).toBeGreaterThanOrEqual(4);
      for (const array of arrays) {
        const layer = array.replace(/^[^.]*\./, "");
        expectOracle(name, array, array.startsWith("activation") ? take(network.activations(x, layer)) : gradient({ at: layer }));
      }
    });

    it("gives the gradient at the input", () => {
      expectOracle(name, "gradient", gradient());
    });

    it("gives guided backpropagation", () => {
      expectOracle(name, "guided-backprop", gradient({ rule: "guided" }));
    });

    it("gives the deconvolutional network, ties to the first maximum", () => {
      expectOracle(name, "deconvnet", gradient({ rule: "deconvnet" }));
    });

    it("gives the file's own output at a final softmax", () => {
      const last = network.facts.layers.at(-1);
      if (manifest.model.softmax === null) {
        // Nothing to strip: the last layer is the logits.
        expectOracle(name, "logits", take(network.activations(x, last?.name ?? "")));
        return;
      }
      expectOracle(name, "probabilities", take(network.activations(x, last?.name ?? "")));
    });

    it("gives at a layer inside a fold what the layer itself puts out", () => {
      for (const { name: layer, kind, shape } of network.facts.layers) {
        const output = take(network.activations(x, layer));
        expect(output.shape, `${layer} (${kind})`).toEqual([3, ...shape]);
        expect(output.values.every(Number.isFinite)).toBe(true);
      }
    });

    it("states every layer's class and shape as the oracle does", () => {
      const facts = network.facts.layers.map((layer) => ({ name: layer.name, class: layer.kind, shape: layer.shape }));
      expect(facts).toEqual(manifest.layers.map((layer) => ({ name: layer.name, class: layer.class, shape: layer.shape })));
    });

    it("gives n images at once what it gives each alone, and leaves no tensor behind", () => {
      const tensors = tf.memory().numTensors;
      const all = gradient().values;
      const single = manifest.targets.map((target, i) => {
        const image = tf.slice(x, [i, 0, 0, 0], [1, -1, -1, -1]);
        const { values } = take(network.gradient(image, [target]));
        image.dispose();
        return values;
      });
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

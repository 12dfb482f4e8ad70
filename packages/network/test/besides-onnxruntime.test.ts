import * as tf from "@tensorflow/tfjs-core";
import { seedTree, type Network } from "@assay/core/plugin";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Session } from "../src/executors/onnxruntime/session.js";
import { loadNetwork } from "../src/index.js";
import { onBackend, take } from "./oracle-cases.js";
import { array, toyModel, wave, type ToyLayer } from "./toy-model.js";

onBackend("onnxruntime");

/** So many weights that not all sessions stay open, and convolutions below the last one that are worth keeping. */
const large = (): Network => {
  const convolution = (from: number, to: number, name: string): ToyLayer => ({
    kind: "Conv2D",
    name,
    config: { filters: to, kernel_size: [3, 3], padding: "same", activation: "relu" },
    weights: { kernel: array([3, 3, from, to]), bias: array([to], 1) },
  });
  return loadNetwork(
    toyModel(
      [16, 16, 3],
      [
        convolution(3, 160, "first"),
        convolution(160, 160, "second"),
        convolution(160, 160, "third"),
        convolution(160, 16, "last"),
        { kind: "MaxPooling2D", config: { pool_size: [3, 3], strides: [1, 1], padding: "same" } },
        { kind: "Flatten" },
        { kind: "Dense", name: "hidden", config: { units: 5760 }, weights: { kernel: array([4096, 5760], 2), bias: array([5760], 3) } },
        { kind: "Dense", name: "logits", config: { units: 4 }, weights: { kernel: array([5760, 4], 4), bias: array([4], 5) } },
      ],
    ),
  );
};

describe("the outputs of a large network", () => {
  afterEach(() => vi.restoreAllMocks());

  it("come with the gradient of the same images, and are what a forward pass alone gives", { timeout: 120_000 }, async () => {
    const run = vi.spyOn(Session.prototype, "run");
    const network = large();
    const redrawn = network.redraw(["logits", "hidden", "last"], "initializer", seedTree(1));
    const x = tf.tensor4d(wave(2 * 16 * 16 * 3), [2, 16, 16, 3]);
    const noisy = tf.tensor4d(wave(2 * 16 * 16 * 3, 1), [2, 16, 16, 3]);
    const outputs = async (asked: Network, images: tf.Tensor4D): Promise<Float32Array[]> => [
      (await take(asked.logits(images))).values,
      (await take(asked.activations(images, "last"))).values,
    ];
    for (const asked of [network, redrawn]) {
      const alone = await outputs(asked, x);
      const other = await outputs(asked, noisy);
      await take(asked.gradient(x, [0, 1]));
      const ways = run.mock.lastCall?.[2]?.below ?? [];
      expect(ways).toHaveLength(asked === redrawn ? 1 : 0);
      run.mockClear();
      expect(await outputs(asked, x)).toEqual(alone);
      await take(asked.gradient(noisy, [0, 1]));
      expect(run).toHaveBeenCalledTimes(1);
      // Those of the images that were asked about stay, whatever gradients are asked meanwhile.
      expect(await outputs(asked, x)).toEqual(alone);
      expect(run).toHaveBeenCalledTimes(1);
      expect(await outputs(asked, noisy)).toEqual(other);
    }
    for (const each of [x, noisy, network, redrawn]) each.dispose();
  });
});

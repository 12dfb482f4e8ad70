import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { decodeNpy, seedTree, tf, type Network } from "@assay/core/plugin";
import { startBackend } from "@assay/network";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { efficientnetLite0 } from "../src/efficientnet-lite0.js";
import { photos } from "../src/photos.js";

const context = { services: [] };
const shared = (name: string): string => fileURLToPath(new URL(`../../../../shared/models/${name}`, import.meta.url));
const array = (name: string) => decodeNpy(readFileSync(shared(name)), name);

function difference(got: ArrayLike<number>, wanted: ArrayLike<number>): { relL2: number; cosine: number } {
  let [error, ab, aa, bb] = [0, 0, 0, 0];
  for (let i = 0; i < wanted.length; i++) {
    error += (got[i]! - wanted[i]!) ** 2;
    ab += got[i]! * wanted[i]!;
    aa += got[i]! ** 2;
    bb += wanted[i]! ** 2;
  }
  expect(got.length).toBe(wanted.length);
  return { relL2: Math.sqrt(error / bb), cosine: ab / Math.sqrt(aa * bb) };
}

async function values(promised: Promise<tf.Tensor> | tf.Tensor): Promise<Float32Array> {
  const tensor = await promised;
  const taken = tensor.dataSync<"float32">().slice();
  tensor.dispose();
  return taken;
}

describe("model/efficientnet-lite0", () => {
  let network: Network;
  let x: tf.Tensor4D;
  beforeAll(async () => {
    await startBackend("tensorflow");
    network = await efficientnetLite0.load({}, context);
    const input = array("images-input.npy");
    x = tf.tensor4d(input.values as Float32Array, input.shape as tf.Tensor4D["shape"]);
  });
  afterAll(() => {
    x.dispose();
    network.dispose();
  });

  it("has a block for the head, each of sixteen stages and the stem, and looks at the last plane", async () => {
    const { inputShape, classes, blocks, convolution } = await efficientnetLite0.describe({}, context);
    expect([inputShape, classes, convolution]).toEqual([[224, 224, 3], 1000, "_conv_head/clip"]);
    expect(blocks.slice(0, 3)).toEqual(["_fc", "_conv_head", "_blocks.15"]);
    expect(blocks.slice(-2)).toEqual(["_blocks.0", "_conv_stem"]);
    expect(blocks).toHaveLength(19);
  });

  it("gives PyTorch's logits", async () => {
    expect(difference(await values(network.logits(x)), array("images-logits.npy").values).relL2).toBeLessThan(1e-4);
  });

  // Of 6.2 million ReLU6 gates an image, about three lie so near a corner that the order of sums decides (PyTorch's own gradients in
  // float32 and float64 differ by 5e-4 and 6e-3 on these images): no float32 computation can be held to 1e-4.
  it("gives PyTorch's gradient, but for gates at their corner", async () => {
    const { relL2, cosine } = difference(await values(network.gradient(x, [285, 967])), array("images-gradient.npy").values);
    expect(relL2).toBeLessThan(1e-2);
    expect(cosine).toBeGreaterThan(0.9999);
  });

  it("recognises the photographs as PyTorch does", async () => {
    const expected = JSON.parse(readFileSync(shared("predictions.json"), "utf8")) as Record<
      string,
      { top3: number[]; probability: number[] }
    >;
    const set = await photos.open({ size: 224, preprocessing: "imagenet-mean-std", offset: 0 }, context);
    const labels = readFileSync(new URL("../models/efficientnet-lite0/labels.txt", import.meta.url), "utf8").split("\n");
    const seen: string[] = [];
    for (const [i, id] of set.ids.entries()) {
      const image = tf.tensor4d(await set.read(i, 1), [1, 224, 224, 3]);
      const logits = await network.logits(image);
      const p = await values(tf.softmax(logits));
      tf.dispose([image, logits]);
      const top = [...p.keys()].sort((a, b) => p[b]! - p[a]!).slice(0, 3);
      const { top3, probability } = expected[id.replace(".png", "")]!;
      expect(top).toEqual(top3);
      top.forEach((label, place) => {
        expect(Math.abs(p[label]! - probability[place]!)).toBeLessThan(1e-4);
      });
      seen.push(labels[top[0]!]!);
    }
    expect(seen).toEqual([expect.any(String), "Egyptian Mau", "espresso", expect.any(String)]);
  });

  it("forgets what it knew when every block is redrawn, and stays finite", async () => {
    const random = network.redraw(network.facts.blocks, "initializer", seedTree(0));
    const before = await values(network.gradient(x, [285, 967]));
    const after = await values(random.gradient(x, [285, 967]));
    random.dispose();
    expect(after.every(Number.isFinite)).toBe(true);
    expect(Math.abs(difference(after, before).cosine)).toBeLessThan(0.1);
  });
});

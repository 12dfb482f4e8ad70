import { seedTree, tf } from "@assay/core/plugin";
import { startBackend } from "@assay/network";
import { beforeAll, describe, expect, it } from "vitest";
import { sumPool } from "../src/sum-pool.js";
import { oracle } from "./oracle.js";

const context = { services: [] };
const defaults = { height: 28, width: 28, channels: 1, filters: 1, bias: 0, seed: 0 };
beforeAll(async () => {
  await startBackend("tensorflow");
});

interface Case {
  readonly image: number[][];
  readonly kernel: number[][];
  readonly bias: number;
  readonly expected: { readonly output: number; readonly gradient: number[][] };
}

/** Slow and obvious: for every window whose sum is above zero, its kernel is added to the pixels under it. */
function byHand(x: Float32Array, kernel: Float32Array, [h, w, c, filters]: readonly [number, number, number, number], bias: number) {
  const gradient = new Float64Array(x.length);
  let output = 0;
  for (let f = 0; f < filters; f++) {
    for (let row = 0; row + 3 <= h; row++) {
      for (let column = 0; column + 3 <= w; column++) {
        const cells = Array.from({ length: 9 * c }, (_, k) => {
          const [i, j, channel] = [Math.floor(k / (3 * c)), Math.floor(k / c) % 3, k % c];
          return { pixel: ((row + i) * w + column + j) * c + channel, weight: kernel[k * filters + f]! };
        });
        const sum = cells.reduce((total, { pixel, weight }) => total + x[pixel]! * weight, bias);
        if (sum <= 0) continue;
        output += sum;
        for (const { pixel, weight } of cells) gradient[pixel]! += weight;
      }
    }
  }
  return { output, gradient };
}

describe("model/sum-pool", () => {
  it("has the oracle's output and gradient", async () => {
    const { image, kernel, bias, expected } = oracle("sum-pool") as Case;
    const [height, width] = [image.length, image[0]!.length];
    const network = await sumPool.load({ ...defaults, height, width, kernel: kernel.flat(), bias }, context);
    const x = tf.tensor4d(image.flat(), [1, height, width, 1]);
    expect((await network.logits(x)).dataSync()[0]! / expected.output).toBeCloseTo(1, 6);
    const gradient = (await network.gradient(x, [0])).dataSync();
    const worst = Math.max(...expected.gradient.flat().map((value, i) => Math.abs(value - gradient[i]!)));
    expect(worst).toBeLessThan(1e-6 * Math.max(...expected.gradient.flat().map(Math.abs)));
    network.dispose();
  });

  it("agrees with the sum over active windows for several channels and filters", async () => {
    const random = seedTree("sum-pool");
    const x = Float32Array.from({ length: 6 * 7 * 2 }, () => random.normal());
    const kernel = Float32Array.from({ length: 9 * 2 * 3 }, () => random.normal());
    const network = await sumPool.load(
      { ...defaults, height: 6, width: 7, channels: 2, filters: 3, kernel: [...kernel], bias: -0.25 },
      context,
    );
    const expected = byHand(x, kernel, [6, 7, 2, 3], -0.25);
    const image = tf.tensor4d(x, [1, 6, 7, 2]);
    expect((await network.logits(image)).dataSync()[0]).toBeCloseTo(expected.output, 4);
    const gradient = (await network.gradient(image, [0])).dataSync();
    expect(Math.max(...gradient.map((value, i) => Math.abs(value - expected.gradient[i]!)))).toBeLessThan(1e-5);
    network.dispose();
  });

  it("is redrawn in its convolution only: the sum stays a sum", async () => {
    const network = await sumPool.load({ ...defaults, height: 5, width: 5 }, context);
    expect(network.facts.blocks).toEqual(["conv"]);
    expect(network.facts.convolution).toBe("conv_relu");
    const redrawn = network.redraw(["conv"], "initializer", seedTree(3));
    const x = tf.ones<tf.Rank.R4>([1, 5, 5, 1]);
    const [sum] = (await redrawn.logits(x)).dataSync();
    expect(sum).toBeCloseTo((await redrawn.activations(x, "conv_relu")).sum().dataSync()[0]!, 4);
    redrawn.dispose();
    network.dispose();
  });

  it("refuses a kernel of the wrong length", async () => {
    await expect(sumPool.describe({ ...defaults, kernel: [1] }, context)).rejects.toMatchObject({ code: "MODEL-WEIGHTS" });
  });
});

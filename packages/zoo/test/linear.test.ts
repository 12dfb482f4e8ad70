import { seedTree, tf } from "@assay/core/plugin";
import { startBackend } from "@assay/network";
import { beforeAll, describe, expect, it } from "vitest";
import { linear } from "../src/linear.js";
import { oracle } from "./oracle.js";

const context = { services: [] };
const defaults = { height: 28, width: 28, channels: 1, classes: 1, bias: 0, seed: 0 };
beforeAll(async () => {
  await startBackend("tensorflow");
});

interface Case {
  readonly w: number[];
  readonly x: number[];
  readonly bias: number;
  readonly expected: { readonly gradient: number[]; readonly completeness: Record<string, number> };
}

describe("model/linear", () => {
  it("has the oracle's gradient and output", async () => {
    const { w, x, bias, expected } = oracle("linear") as Case;
    const network = await linear.load({ ...defaults, height: 2, width: 4, weights: w, bias }, context);
    const image = tf.tensor4d(x, [1, 2, 4, 1]);
    expect([...(await network.gradient(image, [0])).dataSync()]).toEqual([...Float32Array.from(expected.gradient)]);
    expect((await network.logits(image)).dataSync()[0]! - bias).toBeCloseTo(expected.completeness["f(x) - f(0)"]!, 6);
    network.dispose();
  });

  it("has the gradient w exactly, for every class and whatever the input", async () => {
    const size = { ...defaults, height: 5, width: 4, channels: 3, classes: 2 };
    const weights = Array.from({ length: 120 }, (_, i) => Math.fround(Math.sin(i + 1)));
    const network = await linear.load({ ...size, weights }, context);
    const random = seedTree("inputs");
    const x = tf.tensor4d(
      Array.from({ length: 120 }, () => random.normal()),
      [2, 5, 4, 3],
    );
    const gradient = [...(await network.gradient(x, [0, 1])).dataSync()];
    expect(gradient.slice(0, 60)).toEqual(weights.filter((_, i) => i % 2 === 0));
    expect(gradient.slice(60)).toEqual(weights.filter((_, i) => i % 2 === 1));
    network.dispose();
  });

  it("draws w from its seed: the same seed the same model, another seed another", async () => {
    const digest = async (seed: number) => (await linear.describe({ ...defaults, seed }, context)).digest;
    expect(await digest(1)).toBe(await digest(1));
    expect(await digest(1)).not.toBe(await digest(2));
  });

  it("has one block, whose redraw changes the gradient", async () => {
    const network = await linear.load(defaults, context);
    expect(network.facts.blocks).toEqual(["linear"]);
    const x = tf.zeros<tf.Rank.R4>([1, 28, 28, 1]);
    const redrawn = network.redraw(["linear"], "initializer", seedTree(7));
    const [a, b] = [(await network.gradient(x, [0])).dataSync(), (await redrawn.gradient(x, [0])).dataSync()];
    expect(a.filter((value, i) => value === b[i])).toHaveLength(0);
    redrawn.dispose();
    network.dispose();
  });

  it("refuses a list of weights that does not fit the input", async () => {
    await expect(linear.describe({ ...defaults, weights: [1, 2, 3] }, context)).rejects.toMatchObject({ code: "MODEL-WEIGHTS", exit: 2 });
  });
});

import { REDRAWS, seedTree, tf, type Network, type Redraw } from "@assay/core/plugin";
import { startBackend } from "@assay/network";
import { linear } from "@assay/zoo";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cascade } from "../../src/cascade.js";
import { independent } from "../../src/independent.js";
import { redrawChoice } from "../../src/params/redraw-choice.js";

describe("redraw", () => {
  const [height, width] = [60, 50];
  // w of mean .5: no initializer would give it
  const trained = Float32Array.from({ length: height * width }, (_, i) => 0.5 + 0.2 * Math.sin(i));
  let network: Network;
  beforeAll(async () => {
    await startBackend("tensorflow");
    const params = { height, width, channels: 1, classes: 1, bias: 0, seed: 0, weights: [...trained] };
    network = await linear.load(params, { services: [] });
  });
  afterAll(() => network.dispose());

  /** The weights after one stage: on a linear network they are its gradient. */
  const drawn = async (redraw: Redraw): Promise<Float32Array> => {
    const definition = cascade;
    const [stage] = definition.stages(network.facts.blocks, { from: "output", redraw });
    const destroyed = network.redraw(stage!.blocks, definition.redraw({ from: "output", redraw }), seedTree(3));
    const x = tf.zeros<tf.Rank.R4>([1, height, width, 1]);
    const gradient = await destroyed.gradient(x, [0]);
    try {
      return gradient.dataSync<"float32">().slice();
    } finally {
      tf.dispose([x, gradient]);
      destroyed.dispose();
    }
  };
  const moments = (values: Float32Array) => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
  };

  it("offers what the network can do, and hands the choice on unchanged", () => {
    expect(redrawChoice["enum"]).toEqual([...REDRAWS]);
    for (const redraw of REDRAWS) {
      expect(cascade.redraw({ from: "output", redraw })).toBe(redraw);
      expect(independent.redraw({ redraw })).toBe(redraw);
    }
  });

  it("draws from the layer's own initializer: here a normal of deviation 1, cut at 2", async () => {
    const values = await drawn("initializer");
    const { mean, deviation } = moments(values);
    expect(Math.abs(mean)).toBeLessThan(0.07); // 4 deviations of a mean of 3,000
    expect(deviation).toBeCloseTo(0.8796, 1);
    expect(values.every((value) => Math.abs(value) <= 2)).toBe(true);
  });

  it("resets statistics only where there are some", async () => {
    expect(await drawn("initializer+statistics")).toEqual(await drawn("initializer"));
  });

  it("shuffles: the same numbers in another order", async () => {
    const values = await drawn("shuffle");
    expect([...values].sort()).toEqual([...trained].sort());
    expect(values).not.toEqual(trained);
  });

  it("matches mean and deviation of the trained numbers, which it draws anew", async () => {
    const values = await drawn("gaussian-matched");
    const [own, expected] = [moments(values), moments(trained)];
    expect(Math.abs(own.mean - expected.mean)).toBeLessThan(4 * (expected.deviation / Math.sqrt(trained.length)));
    expect(Math.abs(own.deviation / expected.deviation - 1)).toBeLessThan(0.06);
    expect(values.some((value) => trained.includes(value))).toBe(false);
  });
});

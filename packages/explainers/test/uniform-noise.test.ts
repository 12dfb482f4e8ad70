import { join } from "node:path";
import { explainOnce } from "@assay/core";
import { seedTree, type Network } from "@assay/core/plugin";
import { loadModel, startBackend } from "@assay/network";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { uniformNoise } from "../src/uniform-noise.js";
import { Golden, passesTheKit } from "./oracle.js";

await passesTheKit(uniformNoise);

describe("uniform-noise", () => {
  const golden = new Golden("mlp");
  const input = golden.read("input");
  let network: Network;
  let redrawn: Network;
  beforeAll(async () => {
    await startBackend("tensorflow");
    network = await loadModel(join(golden.folder, "model.json"));
    redrawn = network.redraw(["logits"], "initializer", seedTree(1));
  });
  afterAll(() => {
    redrawn.dispose();
    network.dispose();
  });
  const noise = async (on: Network, seed = 0): Promise<Float32Array> => {
    const x = { values: input.values, shape: input.shape as [number, number, number, number] };
    return (await explainOnce(on, uniformNoise, x, { params: {}, seed, targets: golden.manifest.targets })).values;
  };
  const correlation = (a: Float32Array, b: Float32Array) => 12 * a.reduce((sum, value, i) => sum + (value - 0.5) * (b[i]! - 0.5), 0) / a.length; // prettier-ignore

  it("fills [0, 1) evenly", async () => {
    const values = await noise(network);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    // 2,352 values: 235 a tenth with deviation 15
    const tenths = Array.from({ length: 10 }, (_, k) => values.filter((value) => Math.floor(value * 10) === k).length);
    for (const count of tenths) expect(Math.abs(count - values.length / 10)).toBeLessThan(75);
  });

  it("gives the same bytes for the same network and seed", async () => {
    expect(await noise(network)).toEqual(await noise(network));
    expect(await noise(network, 1)).not.toEqual(await noise(network, 2));
  });

  it("draws anew for another network, were only one block of it changed", async () => {
    expect(Math.abs(correlation(await noise(network), await noise(redrawn)))).toBeLessThan(0.1);
  });

  it("draws anew for every image", async () => {
    const values = await noise(network);
    const size = values.length / 3;
    expect(Math.abs(correlation(values.subarray(0, size), values.subarray(size, 2 * size)))).toBeLessThan(0.15);
  });
});

import { seedTree, tf, type Network, type Stage } from "@assay/core/plugin";
import { randomizerKit } from "@assay/core/testing";
import { startBackend } from "@assay/network";
import { mnistCnn } from "@assay/zoo";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cascade } from "../src/cascade.js";
import { during, goldenCnn, stage, threeSquares, weightsOfFirst, weightsOfLast } from "./networks.js";

await startBackend("tensorflow");
const network = await goldenCnn();
afterAll(() => network.dispose());

describe("as every randomizer", () => {
  for (const { title, run } of randomizerKit(cascade, { network })) it(title, run);
});
describe("as every randomizer, from the input", () => {
  for (const { title, run } of randomizerKit(cascade, { network, params: { from: "input" } })) it(title, run);
});

describe("cascade", () => {
  beforeAll(() => startBackend("tensorflow"));
  const params = { from: "output", redraw: "initializer" } as const;
  const draw = (on: Network, blocks: readonly string[], seed = 7) => on.redraw(blocks, "initializer", seedTree(seed));

  it("goes from the output down through the blocks of the shipped CNN", async () => {
    const { blocks } = await mnistCnn.describe({}, { services: [] });
    expect(cascade.stages(blocks, params)).toEqual([
      { name: "softmax", blocks: ["softmax"] },
      { name: "fc1", blocks: ["softmax", "fc1"] },
      { name: "conv2", blocks: ["softmax", "fc1", "conv2"] },
      { name: "conv1", blocks: ["softmax", "fc1", "conv2", "conv1"] },
    ]);
  });

  it("goes from the input up where it is asked to, and ends with the same network", async () => {
    const up = cascade.stages(network.facts.blocks, { ...params, from: "input" });
    expect(up.map(({ name }) => name)).toEqual(["conv1", "conv2", "fc1", "fc2"]);
    const down = cascade.stages(network.facts.blocks, params);
    const digestOf = (stages: readonly Stage[]) => during(draw(network, stages.at(-1)!.blocks), ({ digest }) => digest);
    expect(await digestOf(up)).toBe(await digestOf(down));
  });

  it("keeps at each stage what the stages before drew", async () => {
    const stages = cascade.stages(network.facts.blocks, params);
    for (const [i, { name, blocks }] of stages.slice(1).entries()) {
      const whole = await during(draw(network, blocks), ({ digest }) => digest);
      const further = await during(draw(network, stages[i]!.blocks), (before) => during(draw(before, [name]), ({ digest }) => digest));
      expect(further, name).toBe(whole);
    }
  });

  it("keeps the matrix that stage 1 drew, number by number, while stage 3 draws the others", () =>
    during(threeSquares(), async (squares) => {
      const stages = cascade.stages(squares.facts.blocks, params);
      const trained = await weightsOfLast(squares);
      const first = await during(draw(squares, stage(stages, "c")), weightsOfLast);
      const last = await during(draw(squares, stage(stages, "a")), weightsOfLast);
      expect(last).toEqual(first);
      expect(last).not.toEqual(trained);
    }));

  it("leaves untouched blocks equal to the last bit", async () => {
    const x = tf.randomUniform<tf.Rank.R4>([2, 28, 28, 1], 0, 1, "float32", 3);
    const below = async (on: Network, layer: string) => {
      const output = await on.activations(x, layer);
      const values = [...output.dataSync()];
      output.dispose();
      return values;
    };
    const both = (on: Network) => Promise.all(["conv1_relu", "conv2_relu"].map((layer) => below(on, layer)));
    const trained = await both(network);
    const at = stage(cascade.stages(network.facts.blocks, params), "fc1");
    await during(draw(network, at), async (destroyed) => {
      expect(await both(destroyed)).toEqual(trained);
      expect(await below(destroyed, "fc1")).not.toEqual(await below(network, "fc1"));
    });
    x.dispose();
  });

  it("draws other weights for blocks of one shape, and for another draw", () =>
    during(threeSquares(), async (squares) => {
      const all = squares.facts.blocks;
      await during(draw(squares, all), async (destroyed) => {
        const first = await weightsOfFirst(destroyed);
        expect(first).not.toEqual(await weightsOfLast(destroyed));
        await during(draw(squares, all, 8), async (other) => {
          const others = await weightsOfFirst(other);
          expect(others).not.toEqual(first);
          expect(others.filter((value) => first.includes(value))).toEqual([]);
        });
      });
    }));
});

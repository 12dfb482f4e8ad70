import { seedTree, tf, type Network } from "@assay/core/plugin";
import { randomizerKit } from "@assay/core/testing";
import { startBackend } from "@assay/network";
import { mnistCnn } from "@assay/zoo";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cascade } from "../src/cascade.js";
import { independent } from "../src/independent.js";
import { during, goldenCnn, threeSquares, weightsOfFirst, weightsOfLast } from "./networks.js";

await startBackend("tensorflow");
const network = await goldenCnn();
afterAll(() => network.dispose());

describe("as every randomizer", () => {
  for (const { title, run } of randomizerKit(independent, { network })) it(title, run);
});

describe("independent", () => {
  beforeAll(() => startBackend("tensorflow"));
  const redraw = "initializer";
  const draw = (on: Network, blocks: readonly string[]) => on.redraw(blocks, redraw, seedTree(7));

  it("redraws each block of the shipped CNN alone", async () => {
    const { blocks } = await mnistCnn.describe({}, { services: [] });
    expect(independent.stages(blocks, { redraw })).toEqual(
      ["softmax", "fc1", "conv2", "conv1"].map((name) => ({ name, blocks: [name] })), // prettier-ignore
    );
  });

  it("shares its draws with the cascade: block by block it ends at the cascade's last network", async () => {
    const last = cascade.stages(network.facts.blocks, { from: "output", redraw }).at(-1)!;
    const whole = await during(draw(network, last.blocks), ({ digest }) => digest);
    const oneByOne = (on: Network, [next, ...rest]: readonly string[]): Promise<string> =>
      next === undefined ? Promise.resolve(on.digest) : during(draw(on, [next]), (drawn) => oneByOne(drawn, rest));
    const alone = independent.stages(network.facts.blocks, { redraw }).flatMap(({ blocks }) => blocks);
    expect(await oneByOne(network, alone)).toBe(whole);
    expect(await oneByOne(network, [...alone].reverse())).toBe(whole);
  });

  it("leaves the blocks above and below equal to the last bit", () =>
    during(threeSquares(), async (squares) => {
      const [a, c] = [await weightsOfFirst(squares), await weightsOfLast(squares)];
      const product = async (on: Network) => {
        const ones = tf.ones<tf.Rank.R4>([1, 1, 1, 4]);
        const logits = await on.logits(ones);
        const values = [...logits.dataSync()];
        tf.dispose([ones, logits]);
        return values;
      };
      await during(draw(squares, ["b"]), async (destroyed) => {
        expect([await weightsOfFirst(destroyed), await weightsOfLast(destroyed)]).toEqual([a, c]);
        expect(await product(destroyed)).not.toEqual(await product(squares));
      });
      await during(draw(squares, ["a"]), async (destroyed) => {
        expect(await weightsOfLast(destroyed)).toEqual(c);
        expect(await weightsOfFirst(destroyed)).not.toEqual(a);
      });
    }));
});

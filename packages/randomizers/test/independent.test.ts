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

  it("shares its draws with the cascade: block by block it ends at the cascade's last network", () => {
    const last = cascade.stages(network.facts.blocks, { from: "output", redraw }).at(-1)!;
    const whole = during(draw(network, last.blocks), ({ digest }) => digest);
    const oneByOne = (on: Network, [next, ...rest]: readonly string[]): string =>
      next === undefined ? on.digest : during(draw(on, [next]), (drawn) => oneByOne(drawn, rest));
    const alone = independent.stages(network.facts.blocks, { redraw }).flatMap(({ blocks }) => blocks);
    expect(oneByOne(network, alone)).toBe(whole);
    expect(oneByOne(network, [...alone].reverse())).toBe(whole);
  });

  it("leaves the blocks above and below equal to the last bit", () =>
    during(threeSquares(), (squares) => {
      const [a, c] = [weightsOfFirst(squares), weightsOfLast(squares)];
      const product = (on: Network) => tf.tidy(() => [...on.logits(tf.ones([1, 1, 1, 4])).dataSync()]);
      during(draw(squares, ["b"]), (destroyed) => {
        expect([weightsOfFirst(destroyed), weightsOfLast(destroyed)]).toEqual([a, c]);
        expect(product(destroyed)).not.toEqual(product(squares));
      });
      during(draw(squares, ["a"]), (destroyed) => {
        expect(weightsOfLast(destroyed)).toEqual(c);
        expect(weightsOfFirst(destroyed)).not.toEqual(a);
      });
    }));
});

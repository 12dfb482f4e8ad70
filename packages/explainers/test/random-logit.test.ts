import { explainOnce } from "@assay/core";
import type { Network } from "@assay/core/plugin";
import { startBackend } from "@assay/network";
import { linear } from "@assay/zoo";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gradientXInput } from "../src/gradient-x-input.js";
import { randomLogit } from "../src/random-logit.js";
import { inner, passesTheKit, withDefaults } from "./oracle.js";
import { explain, onLinear, LINEAR } from "./toy.js";

await passesTheKit(randomLogit);
await passesTheKit(randomLogit, { inner: inner(gradientXInput) }, "over gradient times input");

const [CLASSES, CELLS, IMAGES] = [4, 6, 600];
/** w of class c at cell i is 10 c + i, so that a map names its class. */
const weights = Array.from({ length: CELLS * CLASSES }, (_, k) => 10 * (k % CLASSES) + Math.floor(k / CLASSES));
const values = Float32Array.from({ length: IMAGES * CELLS }, (_, k) => 1 + (k % 5));

describe("random-logit", () => {
  let network: Network;
  beforeAll(async () => {
    await startBackend("tensorflow");
    const params = withDefaults(linear, { height: 2, width: 3, classes: CLASSES, weights });
    network = await linear.load(params as Parameters<typeof linear.load>[0], { services: [] });
  });
  afterAll(() => network.dispose());

  async function classesOf(target: number, { draw = 0, seed = 0, of }: { draw?: number; seed?: number; of?: typeof gradientXInput } = {}) {
    const options = { params: withDefaults(randomLogit, { draw }), targets: target, seed, ...(of && { inner: inner(of) }) };
    const { values: maps } = await explainOnce(network, randomLogit, { values, shape: [IMAGES, 2, 3, 1] }, options);
    return Array.from({ length: IMAGES }, (_, image) => {
      const map = maps.subarray(image * CELLS, (image + 1) * CELLS);
      const own = of ? map.map((v, i) => v / values[image * CELLS + i]!) : map;
      const chosen = own[0]! / 10;
      own.forEach((v, i) => expect(v).toBeCloseTo(10 * chosen + i, 3)); // one class's weights, all of them
      return chosen;
    });
  }

  it("is the map of one of the other classes, each as often as the next", async () => {
    for (const target of [0, 2]) {
      const classes = await classesOf(target);
      for (let c = 0; c < CLASSES; c++) {
        // 200 each with deviation 11.5
        const count = classes.filter((chosen) => Math.round(chosen) === c).length;
        if (c === target) expect(count).toBe(0);
        else expect(Math.abs(count - IMAGES / (CLASSES - 1))).toBeLessThan(50);
      }
    }
  });

  it("exchanges the class of whatever `of` names", async () => {
    expect((await classesOf(1, { of: gradientXInput })).map(Math.round)).toEqual((await classesOf(1)).map(Math.round));
  });

  it("chooses by the seed, and independently for each draw", async () => {
    const first = await classesOf(3);
    expect(await classesOf(3)).toEqual(first);
    const agreeing = async (other: Promise<number[]>) => (await other).filter((chosen, i) => chosen === first[i]).length / IMAGES;
    for (const other of [classesOf(3, { seed: 1 }), classesOf(3, { draw: 1 })])
      expect(Math.abs((await agreeing(other)) - 1 / 3)).toBeLessThan(0.1);
  });

  it("is an error where there is no other class", () =>
    onLinear(async (one) => {
      await expect(explain(one, randomLogit, LINEAR.x)).rejects.toMatchObject({ code: "EXPLAINER-CLASSES" });
    }));
});

import { explainOnce } from "@assay/core";
import { GRADIENT_RULES, type GradientRule, type Network } from "@assay/core/plugin";
import { startBackend } from "@assay/network";
import { beforeAll, describe, expect, it } from "vitest";
import { randomDirection } from "../src/random-direction.js";
import { passesTheKit, withDefaults } from "./oracle.js";
import { expectNear, withLayers } from "./toy.js";
import { wave, type ToyLayer } from "../../network/test/toy-model.js";

await passesTheKit(randomDirection);
await passesTheKit(randomDirection, { params: { rule: "guided", at: "flatten" } }, "at a layer");

const [IN, HIDDEN, CLASSES, IMAGES] = [6, 5, 4, 400];
const [W, U] = [wave(IN * HIDDEN), wave(HIDDEN * CLASSES, 3)];
const values = Float32Array.from({ length: IMAGES * IN }, (_, k) => Math.sin(k * 1.7));

const dense = (name: string, units: number, kernel: ArrayLike<number>, from: number): ToyLayer => ({
  kind: "Dense",
  name,
  config: { units, use_bias: false },
  weights: { kernel: { shape: [from, units], values: kernel } },
});
const LAYERS = [
  { kind: "Flatten", name: "flat" },
  dense("hidden", HIDDEN, W, IN),
  { kind: "ReLU", name: "relu" },
  dense("logits", CLASSES, U, HIDDEN),
];

async function signal(network: Network, params: { rule?: GradientRule; at?: string; draw?: number }, seed = 0): Promise<number[][]> {
  const { values: all, shape } = await explainOnce(network, randomDirection, { values, shape: [IMAGES, 2, 3, 1] }, { params: withDefaults(randomDirection, params), targets: 0, seed }); // prettier-ignore
  const size = shape[1] * shape[2] * shape[3];
  return Array.from({ length: IMAGES }, (_, i) => [...all.subarray(i * size, (i + 1) * size)]);
}

const cosine = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, v, i) => sum + v * b[i]!, 0) / Math.hypot(...a) / Math.hypot(...b);
const mean = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0) / all.length;

describe("random-direction", () => {
  beforeAll(() => startBackend("tensorflow"));

  it("starts at standard normal weights of the logits: other ones for each image, draw and seed, the same for the same", () =>
    withLayers([2, 3, 1], LAYERS, async (network) => {
      const v = await signal(network, { at: "logits" });
      const all = v.flat();
      expect(v[0]).toHaveLength(CLASSES);
      // 1,600 values: deviations .025 and .018
      expect(Math.abs(mean(all))).toBeLessThan(0.1);
      expect(Math.abs(Math.sqrt(mean(all.map((x) => x * x))) - 1)).toBeLessThan(0.07);
      expect(await signal(network, { at: "logits" })).toEqual(v);
      const others = [await signal(network, { at: "logits", draw: 1 }), await signal(network, { at: "logits" }, 1), [...v.slice(1), v[0]!]];
      for (const other of others) expect(Math.abs(mean(all.map((x, k) => x * other.flat()[k]!)))).toBeLessThan(0.1);
    }));

  it.each(GRADIENT_RULES)("is what the rule %s makes of that direction on the way to the hidden layer and to the input", (rule) =>
    withLayers([2, 3, 1], LAYERS, async (network) => {
      const v = await signal(network, { at: "logits" });
      const [atRelu, atHidden, atInput] = [await signal(network, { rule, at: "relu" }), await signal(network, { rule, at: "hidden" }), await signal(network, { rule })]; // prettier-ignore
      for (const i of [0, 1, 17]) {
        const y = Array.from({ length: HIDDEN }, (_, j) => Array.from({ length: IN }, (_, k) => values[i * IN + k]! * W[k * HIDDEN + j]!).reduce((a, b) => a + b, 0)); // prettier-ignore
        const above = y.map((_, j) => v[i]!.reduce((sum, weight, c) => sum + weight * U[j * CLASSES + c]!, 0));
        const open = { standard: (dy: number, o: boolean) => (o ? dy : 0), guided: (dy: number, o: boolean) => (o && dy > 0 ? dy : 0), deconvnet: (dy: number) => Math.max(0, dy) }; // prettier-ignore
        const below = above.map((dy, j) => open[rule](dy, y[j]! > 0));
        const input = Array.from({ length: IN }, (_, k) => below.reduce((sum, dy, j) => sum + dy * W[k * HIDDEN + j]!, 0));
        expectNear(atRelu[i]!, above, 1e-5);
        expectNear(atHidden[i]!, below, 1e-5);
        expectNear(atInput[i]!, input, 1e-5);
      }
    }),
  );

  it("comes to ±1 layer by layer where the product of the weights tends to rank one, and not where it does not", async () => {
    const size = 6;
    const chain = (weight: (k: number) => number) => [
      { kind: "Flatten", name: "flat" },
      ...Array.from({ length: 5 }, (_, l) => dense(`d${l}`, size, Float32Array.from({ length: size * size }, (_, k) => weight(k + 100 * l)), size)), // prettier-ignore
    ];
    const closeness = (layers: readonly ToyLayer[]) =>
      withLayers([2, 3, 1], layers, async (network) => {
        const places = ["d4", "d3", "d2", "d1", "d0", undefined];
        const cosines: number[] = [];
        for (const at of places) {
          const [a, b] = [await signal(network, at ? { at } : {}), await signal(network, at ? { at, draw: 1 } : { draw: 1 })];
          cosines.push(mean(a.map((one, i) => Math.abs(cosine(one, b[i]!)))));
        }
        return cosines;
      });
    const positive = await closeness(chain((k) => 1 + 0.5 * Math.sin(k * 12.9898)));
    expect(positive[0]).toBeLessThan(0.5);
    positive.slice(1).forEach((value, k) => expect(value).toBeGreaterThan(positive[k]!));
    expect(positive.at(-1)).toBeGreaterThan(0.999);
    const orthogonal = await closeness(chain((k) => (Math.floor((k % 100) / size) === (k % 100) % size ? 1 : 0)));
    orthogonal.forEach((value) => expect(value).toBeCloseTo(orthogonal[0]!, 6));
  });
});

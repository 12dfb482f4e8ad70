import { seedTree, type Dataset, type MapStack } from "@assay/core/plugin";
import { describe, expect, it } from "vitest";
import { isTableData, sumPoolTheory } from "../src/index.js";
import { neighbourPairs } from "../src/theory/flat-regions.js";

const [HEIGHT, WIDTH] = [9, 14];
/** Two levels, side by side: the left seven columns hold 1, the right seven 3. */
const image = Float32Array.from({ length: HEIGHT * WIDTH }, (_, i) => (i % WIDTH < 7 ? 1 : 3));

/** f(x) = Σ ReLU(w ∗ x) and its gradient, window by window. */
function byHand(kernel: readonly number[]): { readonly f: number; readonly gradient: Float32Array } {
  const gradient = new Float32Array(HEIGHT * WIDTH);
  let f = 0;
  for (let row = 0; row + 3 <= HEIGHT; row++)
    for (let column = 0; column + 3 <= WIDTH; column++) {
      const pixels = kernel.map((_, k) => (row + Math.floor(k / 3)) * WIDTH + column + (k % 3));
      const sum = pixels.reduce((total, pixel, k) => total + image[pixel]! * kernel[k]!, 0);
      if (sum <= 0) continue;
      f += sum;
      pixels.forEach((pixel, k) => (gradient[pixel]! += kernel[k]!));
    }
  return { f, gradient };
}

const stack = (values: Float32Array): MapStack => ({
  values,
  height: HEIGHT,
  width: WIDTH,
  channels: 1,
  images: Int32Array.of(0),
});
const dataset: Dataset = {
  count: 1,
  shape: [HEIGHT, WIDTH, 1],
  digest: "made",
  ids: ["0"],
  read: () => Promise.resolve(image.slice()),
};
/** closed on level ground (its sum is below 0), open across the step: an edge detector; and one that is open everywhere */
const STEP = [-1, 0, 0.9, -1, 0, 0.9, -1, 0, 0.9];
const OPEN = [1, 1, 1, 1, 1, 1, 1, 1, 2];

async function figuresOf(kernels: readonly (readonly number[])[], spoil: (gradient: Float32Array) => void = () => undefined) {
  const made = kernels.map(byHand);
  for (const { gradient } of made) spoil(gradient);
  const port = (values: (one: (typeof made)[number]) => Float32Array) => ({
    axes: [{ name: "filter", values: kernels.map((_, i) => String(i)) }],
    groups: made.map((one, i) => ({ axes: { filter: String(i) }, maps: stack(values(one)) })),
  });
  const maps = {
    gradient: port(({ gradient }) => gradient),
    difference: port(({ f }) => new Float32Array(HEIGHT * WIDTH).fill(f)),
    edges: { axes: [], groups: [{ axes: {}, maps: stack(image) }] },
  };
  const inputs = { scores: {}, models: {}, datasets: { images: dataset }, maps };
  const { data } = await sumPoolTheory.build(inputs, { filters: 1 }, { services: [], random: seedTree(0) });
  if (!isTableData(data)) throw new Error("no table");
  return data.rows.map(([, value]) => value);
}

describe("report/sum-pool-theory", () => {
  it("sorts neighbours by the 5×5 cells around both", () => {
    const { flat, uneven } = neighbourPairs(image, HEIGHT, WIDTH);
    const columns = (cells: readonly number[]) => [...new Set(cells.map((cell) => cell % WIDTH))];
    // left cells 2 … 10 keep two cells to the border; both sides of the step need two cells of their own level
    expect(columns(flat)).toEqual([2, 3, 9, 10]);
    expect(columns(uneven)).toEqual([4, 5, 6, 7, 8]);
    expect([...flat, ...uneven].every((cell) => Math.floor(cell / WIDTH) >= 2 && Math.floor(cell / WIDTH) <= 6)).toBe(true);
  });

  it("finds f in the gradient, nothing that changes where the image is level, and the jump at the step", async () => {
    const [error, largest, flat, elsewhere, values] = await figuresOf([STEP]);
    expect(error).toBeLessThan(1e-6);
    expect([largest, flat]).toEqual([0, 0]);
    expect(elsewhere).toBeGreaterThan(0.5);
    expect(values).toBeGreaterThan(1);
  });

  it("finds one value and no edge where every window is active: the gradient is then the sum of the kernel", async () => {
    const [error, largest, flat, elsewhere, values] = await figuresOf([OPEN]);
    expect(error).toBeLessThan(1e-6);
    expect([largest, flat, elsewhere, values]).toEqual([0, 0, 0, 1]);
  });

  it("shows a gradient that is not the network's, and one that changes on level ground", async () => {
    const [error] = await figuresOf([STEP, OPEN], (gradient) => gradient.forEach((v, i) => (gradient[i] = 2 * v)));
    expect(error).toBeCloseTo(1, 5);
    const [, largest, flat] = await figuresOf([OPEN], (gradient) => (gradient[4 * WIDTH + 3]! += 0.5));
    expect(largest).toBeCloseTo(0.5, 5);
    expect(flat).toBeGreaterThan(0);
  });
});

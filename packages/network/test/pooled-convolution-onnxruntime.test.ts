import { describe, expect, it } from "vitest";
import { isProjection } from "../src/executors/onnxruntime/emitters/pooled-convolution.js";
import { onBackend, take } from "./oracle-cases.js";
import { array, wave, weigh, withToy, type ToyLayer } from "./toy-model.js";

const H = 6;
const W = 5;
const FROM = 8;

interface Case {
  readonly to: number;
  readonly strides: number;
  readonly padding: "same" | "valid";
}

const layersOf = ({ to, strides, padding }: Case): ToyLayer[] => [
  { kind: "AveragePooling2D", name: "pool", config: { pool_size: [3, 3], strides: [strides, strides], padding } },
  {
    kind: "Conv2D",
    name: "projection",
    config: { filters: to, kernel_size: [1, 1], activation: "relu" },
    weights: { kernel: array([1, 1, FROM, to], 1), bias: array([to], 2) },
  },
];

/** Outputs of pool and projection by their definitions: the mean of a window's real cells, then a matrix at each pixel. */
function definition({ to, strides, padding }: Case, image: ArrayLike<number>): { pool: number[]; projection: number[] } {
  const [kernel, bias] = [wave(FROM * to, 1), wave(to, 2)];
  const sides = (length: number): { count: number; before: number } => {
    if (padding === "valid") return { count: Math.floor((length - 3) / strides) + 1, before: 0 };
    const count = Math.ceil(length / strides);
    return { count, before: Math.floor(Math.max(0, (count - 1) * strides + 3 - length) / 2) };
  };
  const [rows, columns] = [sides(H), sides(W)];
  const pool: number[] = [];
  const projection: number[] = [];
  for (let r = 0; r < rows.count; r++) {
    for (let c = 0; c < columns.count; c++) {
      const means = Array.from({ length: FROM }, (_, channel) => {
        const cells: number[] = [];
        for (let i = 0; i < 9; i++) {
          const [y, x] = [r * strides - rows.before + Math.floor(i / 3), c * strides - columns.before + (i % 3)];
          if (y >= 0 && y < H && x >= 0 && x < W) cells.push(image[(y * W + x) * FROM + channel]!);
        }
        return cells.reduce((a, b) => a + b, 0) / cells.length;
      });
      pool.push(...means);
      for (let o = 0; o < to; o++)
        projection.push(
          Math.max(
            0,
            means.reduce((sum, mean, i) => sum + mean * kernel[i * to + o]!, bias[o]!),
          ),
        );
    }
  }
  return { pool, projection };
}

const close = (got: ArrayLike<number>, wanted: ArrayLike<number>): void => {
  expect(got.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) expect(Math.abs(got[i]! - wanted[i]!)).toBeLessThan(2e-5);
};

describe("an average pool and the 1×1 convolution that alone reads it", () => {
  onBackend("onnxruntime");

  // To fewer channels, to as many, and to more, where the pool stays below.
  it.each<Case>([
    { to: 3, strides: 1, padding: "same" },
    { to: 8, strides: 1, padding: "valid" },
    { to: 3, strides: 2, padding: "same" },
    { to: 20, strides: 1, padding: "same" },
  ])("give what their definitions give, and the gradient of that (%o)", async (own) => {
    const image = wave(H * W * FROM, 4);
    const wanted = definition(own, image);
    const seed = wave(wanted.projection.length, 5);
    const sum = (changed: ArrayLike<number>): number =>
      definition(own, changed).projection.reduce((all, value, i) => all + value * seed[i]!, 0);
    await withToy([H, W, FROM], [...layersOf(own), ...weigh(seed)], image, async (network, x) => {
      close((await take(network.activations(x, "projection"))).values, wanted.projection);
      close((await take(network.activations(x, "pool"))).values, wanted.pool);
      close((await take(network.logits(x))).values, [sum(image)]);
      const step = 1e-4;
      const differences = Array.from(image, (_, at) => {
        const moved = (by: number): number => sum(Float64Array.from(image, (value, i) => (i === at ? value + by : value)));
        return (moved(step) - moved(-step)) / (2 * step);
      });
      close((await take(network.gradient(x, [0]))).values, differences);
      const seen = await take(network.gradient(x, [0], { at: "pool" }));
      expect(seen.shape.slice(1)).toEqual([wanted.pool.length / FROM / seen.shape[2]!, seen.shape[2], FROM]);
    });
  });

  it("change places only where the convolution looks at each pixel and at no padding, and makes no more channels", () => {
    const plain = { size: [1, 1], strides: [1, 1] } as const;
    expect(isProjection(plain, [6, 5, 8], [6, 5, 8])).toBe(true);
    expect(isProjection(plain, [6, 5, 8], [6, 5, 9])).toBe(false);
    expect(isProjection({ ...plain, strides: [2, 2] }, [6, 5, 8], [3, 3, 4])).toBe(false);
    expect(isProjection({ ...plain, size: [1, 3] }, [6, 5, 8], [6, 3, 4])).toBe(false);
    // A padded cell has the bias alone, and the pool would have mixed it with its neighbours.
    expect(isProjection(plain, [6, 5, 8], [8, 7, 4])).toBe(false);
  });
});

import { GRADIENT_RULES, type GradientRule } from "@assay/core/plugin";
import { describe, expect, it } from "vitest";
import { inPlaces } from "../src/executors/onnxruntime/emitters/convolution-pool.js";
import { onBackend, take } from "./oracle-cases.js";
import { weigh, withToy, type ToyLayer } from "./toy-model.js";

type Padding = "same" | "valid";

interface Case {
  readonly input: readonly [h: number, w: number, c: number];
  readonly kernel: number;
  readonly strides: number;
  readonly padding: Padding;
  readonly window: readonly [number, number];
  readonly pool: Padding;
}

const TO = 4;

/** Small integers: sums of their products are exact, and many windows have their maximum twice. */
const integers = (n: number, phase: number, least = -2, most = 2): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => {
    const x = Math.sin(78.233 * i + phase) * 43758.5453;
    return least + Math.floor((x - Math.floor(x)) * (most - least + 1));
  });

/** The input cells under a window, by their place in it; undefined outside. */
function windowsOf(length: number, size: number, stride: number, padding: Padding): (number | undefined)[][] {
  const count = padding === "same" ? Math.ceil(length / stride) : Math.floor((length - size) / stride) + 1;
  const before = padding === "same" ? Math.floor(Math.max(0, (count - 1) * stride + size - length) / 2) : 0;
  return Array.from({ length: Math.max(0, count) }, (_, at) =>
    Array.from({ length: size }, (_, i) => at * stride - before + i).map((cell) => (cell >= 0 && cell < length ? cell : undefined)),
  );
}

/** Convolution, ReLU and max pool, and the gradient of their weighted sum, cell by cell. */
function definition({ input: [h, w, c], kernel, strides, padding, window, pool }: Case, image: Float32Array, weights: Float32Array) {
  const bias = integers(TO, 2);
  const [rows, columns] = [windowsOf(h, kernel, strides, padding), windowsOf(w, kernel, strides, padding)];
  const taps = rows.flatMap((ys) =>
    columns.map((xs) =>
      ys.flatMap((y, i) =>
        xs.flatMap((x, j) => (y === undefined || x === undefined ? [] : [{ pixel: y * w + x, tap: (i * kernel + j) * c * TO }])),
      ),
    ),
  );
  const convolved = taps.flatMap((own) =>
    Array.from({ length: TO }, (_, to) =>
      own.reduce((sum, { pixel, tap }) => {
        for (let from = 0; from < c; from++) sum += image[pixel * c + from]! * weights[tap + from * TO + to]!;
        return sum;
      }, bias[to]!),
    ),
  );
  const rectified = convolved.map((value) => Math.max(0, value));
  const pooled: number[] = [];
  const winners: number[] = [];
  for (const ys of windowsOf(rows.length, window[0], 2, pool)) {
    for (const xs of windowsOf(columns.length, window[1], 2, pool)) {
      for (let to = 0; to < TO; to++) {
        let first = -1;
        for (const y of ys) for (const x of xs) {
          if (y === undefined || x === undefined) continue;
          const cell = (y * columns.length + x) * TO + to;
          if (first < 0 || rectified[cell]! > rectified[first]!) first = cell;
        } // prettier-ignore
        winners.push(first);
        pooled.push(rectified[first]!);
      }
    }
  }
  const gradient = (dy: Float32Array, rule: GradientRule): Float32Array => {
    const atRelu = new Float32Array(convolved.length);
    winners.forEach((cell, i) => (atRelu[cell]! += dy[i]!));
    const passed = atRelu.map((value, cell) => {
      const positive = Math.max(0, value);
      if (rule === "deconvnet") return positive;
      return convolved[cell]! > 0 ? (rule === "guided" ? positive : value) : 0;
    });
    const dx = new Float32Array(h * w * c);
    taps.forEach((own, at) => {
      for (const { pixel, tap } of own)
        for (let from = 0; from < c; from++)
          for (let to = 0; to < TO; to++) dx[pixel * c + from]! += passed[at * TO + to]! * weights[tap + from * TO + to]!;
    });
    return dx;
  };
  return { pooled, gradient };
}

const cases: Case[] = [[7, 8], [9, 6], [11, 11]].flatMap(([h = 0, w = 0]) =>
  [1, 3, 6].flatMap((c) =>
    [1, 3, 5].flatMap((kernel) =>
      [1, 2].flatMap((strides) =>
        (["same", "valid"] as const).flatMap((padding) =>
          ([[2, 2], [3, 3], [3, 2]] as const).flatMap((window) =>
            (["same", "valid"] as const).map((pool) => ({ input: [h, w, c] as const, kernel, strides, padding, window, pool })),
          ),
        ),
      ),
    ),
  ),
); // prettier-ignore

const fused = ({ input, kernel, strides, padding, window, pool }: Case): boolean =>
  inPlaces(
    { size: [kernel, kernel], strides: [strides, strides], padding, dilations: [1, 1] } as never,
    { size: window, strides: [2, 2], padding: pool } as never,
    input,
  ) !== undefined;

describe("convolution, ReLU and max pool of stride 2", () => {
  onBackend("onnxruntime");
  const sized = cases.filter((own) => definition(own, integers(1e4, 0), integers(1e4, 1)).pooled.length > 0);

  it("are run in the places of the windows, of two cells and of three, with few channels and with many", () => {
    for (const side of [2, 3])
      for (const c of [3, 6])
        expect(sized.filter((own) => own.window[0] === side && own.input[2] === c && fused(own)).length).toBeGreaterThan(5);
  });

  it.each([...new Set(sized.map(({ input }) => input.join("×")))])(
    "give what their definition gives, and its gradients by every rule, ties to the first maximum (%s)",
    async (input) => {
      for (const own of sized.filter((each) => each.input.join("×") === input)) {
        const [h, w, c] = own.input;
        const [image, weights] = [integers(h * w * c, 3), integers(own.kernel ** 2 * c * TO, 1)];
        const { pooled, gradient } = definition(own, image, weights);
        const dy = integers(pooled.length, 5);
        await withToy(own.input, [...layersOf(own, weights), ...weigh(dy)], image, async (network, x) => {
          expect([...(await take(network.activations(x, "pool"))).values], JSON.stringify(own)).toEqual(pooled);
          for (const rule of GRADIENT_RULES) {
            const got = (await take(network.gradient(x, [0], { rule }))).values;
            expect(noSigns(got), `${rule} ${JSON.stringify(own)}`).toEqual(noSigns(gradient(dy, rule)));
          }
        });
      }
    },
  );
});

const layersOf = ({ input, kernel, strides, padding, window, pool }: Case, weights: Float32Array): ToyLayer[] => [
  {
    kind: "Conv2D",
    name: "conv",
    config: { filters: TO, kernel_size: [kernel, kernel], strides: [strides, strides], padding, activation: "relu" },
    weights: { kernel: { shape: [kernel, kernel, input[2], TO], values: weights }, bias: { shape: [TO], values: integers(TO, 2) } },
  },
  { kind: "MaxPooling2D", name: "pool", config: { pool_size: window, strides: [2, 2], padding: pool } },
];

/** −0 as 0. */
const noSigns = (values: Float32Array): number[] => [...values].map((value) => value + 0);

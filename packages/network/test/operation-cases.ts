import * as tf from "@tensorflow/tfjs-core";
import { GRADIENT_RULES } from "@assay/core/plugin";
import { describe, expect, it } from "vitest";
import type { BackendName } from "../src/index.js";
import { difference, readJson } from "./oracle.js";
import { onBackend, take } from "./oracle-cases.js";
import { array, wave, weigh, withToy, type ToyLayer } from "./toy-model.js";

type Plane = readonly (readonly number[])[];

interface OneConv {
  readonly dense: { readonly weightsInNhwcFlattenOrder: readonly number[] };
  readonly output: number;
  readonly expected: Readonly<Record<"gradient" | "guided-backprop" | "deconvnet", Plane>>;
}

interface Padded {
  readonly "convolution of ones": Plane;
  readonly "max pool": Plane;
  readonly "max pool of the negated": Plane;
  readonly "average pool": Plane;
}

interface Operations {
  readonly maxPoolTies: Readonly<Record<string, Plane>>;
  readonly averagePoolSame: { readonly output: Plane; readonly inputGradient: Plane };
  readonly samePaddingStride2: { readonly cases: Readonly<Record<string, Padded>> };
  readonly relu6: {
    readonly z: readonly number[];
    readonly rules: Readonly<Record<"dy = +1" | "dy = -1", Readonly<Record<string, readonly number[]>>>>;
  };
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const close = (got: ArrayLike<number>, wanted: Plane | readonly number[]): void => {
  const flat = wanted.flat();
  expect(got.length).toBe(flat.length);
  flat.forEach((value, i) => {
    expect(Math.abs((got[i] ?? NaN) - value)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(value)));
  });
};

/** The real cells of each window, with the kernel entry over each, straight from TensorFlow's definition of its paddings. */
function windows(input: readonly [number, number], size: readonly [number, number], stride: number, padding: "same" | "valid") {
  const starts = ([0, 1] as const).map((axis) => {
    const out = padding === "same" ? Math.ceil(input[axis] / stride) : Math.ceil((input[axis] - size[axis] + 1) / stride);
    const pad = padding === "same" ? Math.max((out - 1) * stride + size[axis] - input[axis], 0) : 0;
    return range(out).map((i) => i * stride - Math.floor(pad / 2));
  });
  return (starts[0] ?? []).flatMap((top) =>
    (starts[1] ?? []).map((left) =>
      range(size[0] * size[1]).flatMap((tap) => {
        const [row, column] = [top + Math.floor(tap / size[1]), left + (tap % size[1])];
        return row < 0 || column < 0 || row >= input[0] || column >= input[1] ? [] : [{ cell: row * input[1] + column, tap }];
      }),
    ),
  );
}

const NAMES = { standard: "gradient", guided: "guided-backprop", deconvnet: "deconvnet" } as const;

/** Cases that can be read by eye, and one regression test a defect of TensorFlow.js that is stepped around. */
export function operationCases(backend: BackendName): void {
  onBackend(backend);
  const operations = readJson("toy/operations.json") as Operations;
  const size3 = { pool_size: [3, 3], strides: [2, 2], padding: "same" };

  describe(`operations on ${backend}`, () => {
    it("agrees with the hand-derived values of one convolution, by every rule", async () => {
      const toy = readJson("toy/one-conv.json") as OneConv;
      const convolution = { filters: 2, kernel_size: [3, 3], activation: "relu" };
      const kernel = { shape: [3, 3, 1, 2], values: new Float32Array(18).fill(1) };
      const layers: ToyLayer[] = [
        { kind: "Conv2D", config: convolution, weights: { kernel, bias: { shape: [2], values: [-50, -75] } } },
        { kind: "Flatten" },
        {
          kind: "Dense",
          config: { units: 1, activation: "relu", use_bias: false },
          weights: { kernel: { shape: [8, 1], values: toy.dense.weightsInNhwcFlattenOrder } },
        },
      ];
      await withToy([4, 4, 1], layers, range(16), async (network, x) => {
        close((await take(network.logits(x))).values, [toy.output]);
        for (const rule of GRADIENT_RULES) close((await take(network.gradient(x, [0], { rule }))).values, toy.expected[NAMES[rule]]);
      });
    });

    it("gives a max pool's ties to the first maximum in row-major order", async () => {
      for (const [size, stride, key] of [
        [2, 2, "2x2 stride 2 on 4x4 ones, gradient of the sum"],
        [3, 1, "3x3 stride 1 on 4x4 ones, gradient of the sum"],
      ] as const) {
        const pool = { kind: "MaxPooling2D", config: { pool_size: [size, size], strides: [stride, stride], padding: "valid" } };
        await withToy([4, 4, 1], [pool, ...weigh([1, 1, 1, 1])], new Float32Array(16).fill(1), async (network, x) => {
          close((await take(network.gradient(x, [0]))).values, operations.maxPoolTies[key] ?? []);
        });
      }
    });

    it("keeps the gradient of a max pool whose maxima are negative, padded border included", async () => {
      const pool = { kind: "MaxPooling2D", config: size3 };
      const x = wave(25).map((value) => -1 - Math.abs(value));
      await withToy([5, 5, 1], [pool, ...weigh(wave(9, 1))], x, async (network, images) => {
        const dx = (await take(network.gradient(images, [0]))).values;
        const wanted = new Float32Array(25);
        for (const row of range(3)) {
          for (const column of range(3)) {
            const cells = range(25).filter((i) => Math.abs(Math.floor(i / 5) - 2 * row) <= 1 && Math.abs((i % 5) - 2 * column) <= 1);
            const best = cells.reduce((a, b) => ((x[b] ?? 0) > (x[a] ?? 0) ? b : a));
            wanted[best] = (wanted[best] ?? 0) + (wave(9, 1)[3 * row + column] ?? 0);
          }
        }
        close(dx, Array.from(wanted));
      });
    });

    it("divides an average pool's gradient by the real cells at the border", async () => {
      const { output, inputGradient } = operations.averagePoolSame;
      const pool = { kind: "AveragePooling2D", name: "pool", config: { pool_size: [3, 3], strides: [1, 1], padding: "same" } };
      await withToy([4, 5, 1], [pool, ...weigh(range(20).map((i) => i + 1))], range(20), async (network, x) => {
        close((await take(network.activations(x, "pool"))).values, output);
        close((await take(network.gradient(x, [0]))).values, inputGradient);
      });
    });

    it("puts every window where its definition does, strides longer than windows included", async () => {
      for (const [h, w] of [
        [7, 8],
        [9, 6],
        [5, 5],
      ] as const) {
        for (const size of [
          [1, 1],
          [3, 3],
          [2, 1],
          [1, 3],
        ] as const) {
          for (const stride of [1, 2, 3]) {
            for (const padding of ["same", "valid"] as const) {
              const x = wave(h * w, 2);
              const kernel = array([...size, 1, 1], 1);
              const moved = { strides: [stride, stride], padding };
              const one = (layer: ToyLayer): Promise<Float32Array> =>
                withToy(
                  [h, w, 1],
                  [
                    { ...layer, name: "at" },
                    { kind: "Flatten", name: "end" },
                  ],
                  x,
                  async (network, images) => (await take(network.activations(images, "at"))).values,
                );
              const cells = windows([h, w], size, stride, padding);
              const sums = cells.map((own) => own.reduce((sum, { cell, tap }) => sum + (x[cell] ?? NaN) * (kernel.values[tap] ?? NaN), 0));
              const values = cells.map((own) => own.map(({ cell }) => x[cell] ?? NaN));
              close(
                await one({ kind: "Conv2D", config: { ...moved, filters: 1, kernel_size: size, use_bias: false }, weights: { kernel } }),
                sums,
              );
              const depthwise = { ...moved, kernel_size: size, use_bias: false };
              close(await one({ kind: "DepthwiseConv2D", config: depthwise, weights: { depthwise_kernel: kernel } }), sums);
              const pool = { ...moved, pool_size: size };
              close(await one({ kind: "MaxPooling2D", config: pool }), values.map((own) => Math.max(...own))); // prettier-ignore
              close(await one({ kind: "AveragePooling2D", config: pool }), values.map((own) => own.reduce((a, b) => a + b, 0) / own.length)); // prettier-ignore
            }
          }
        }
      }
    });

    it.each(Object.entries(operations.samePaddingStride2.cases))("pads the odd cell behind at stride 2 of %s", async (key, wanted) => {
      const [h = 0, w = 0] = key.split("x").map(Number);
      const cells = wanted["max pool"].flat().length;
      const convolution = { filters: 1, kernel_size: [3, 3], strides: [2, 2], padding: "same", use_bias: false };
      const kernel = { shape: [3, 3, 1, 1], values: new Float32Array(9).fill(1) };
      const output = (layer: ToyLayer, sign: number, from = 0): Promise<Float32Array> =>
        withToy(
          [h, w, 1],
          [{ ...layer, name: "at" }, ...weigh(new Float32Array(cells))],
          range(h * w).map((i) => sign * (i + from)),
          async (network, x) => (await take(network.activations(x, "at"))).values,
        );
      close(await output({ kind: "Conv2D", config: convolution, weights: { kernel } }, 1), wanted["convolution of ones"]);
      close(await output({ kind: "MaxPooling2D", config: size3 }, 1), wanted["max pool"]);
      close(await output({ kind: "MaxPooling2D", config: size3 }, -1, 1), wanted["max pool of the negated"]);
      close(await output({ kind: "AveragePooling2D", config: size3 }, 1), wanted["average pool"]);
    });

    it("passes a bounded ReLU by every rule as the oracle does, corners included", async () => {
      for (const [key, sign] of [["dy = +1", 1] as const, ["dy = -1", -1] as const]) {
        const relu = { kind: "ReLU", config: { max_value: 6 } };
        await withToy([1, 6, 1], [relu, ...weigh(new Float32Array(6).fill(sign))], operations.relu6.z, async (network, x) => {
          for (const rule of GRADIENT_RULES) {
            const wanted = operations.relu6.rules[key][rule === "standard" ? "gradient" : rule] ?? [];
            close((await take(network.gradient(x, [0], { rule }))).values, wanted);
          }
        });
      }
    });

    it("passes a ReLU bounded elsewhere than at 6", async () => {
      await withToy(
        [1, 4, 1],
        [{ kind: "ReLU", name: "r", config: { max_value: 2 } }, ...weigh([1, 1, 1, 1])],
        [-1, 1, 2, 3],
        async (network, x) => {
          close((await take(network.activations(x, "r"))).values, [0, 1, 2, 2]);
          close((await take(network.gradient(x, [0]))).values, [0, 1, 0, 0]);
        },
      );
    });

    it.each([undefined, 1.5])("passes a ReLU bounded at %s behind which windows overlap by every rule", async (bound) => {
      const x = wave(25).map((value) => 2 * value);
      const dy = wave(9, 1);
      const y = x.map((value) => Math.min(Math.max(0, value), bound ?? Infinity));
      const summed = new Float64Array(25);
      windows([5, 5], [3, 3], 2, "same").forEach((cells, i) => {
        const best = cells.map(({ cell }) => cell).reduce((a, b) => ((y[b] ?? 0) > (y[a] ?? 0) ? b : a));
        summed[best] = (summed[best] ?? 0) + (dy[i] ?? 0);
      });
      const open = y.map((value) => Number(value > 0 && value < (bound ?? Infinity)));
      const wanted = {
        standard: Array.from(summed, (value, i) => value * open[i]!),
        guided: Array.from(summed, (value, i) => Math.max(0, value) * open[i]!),
        deconvnet: Array.from(summed, (value) => Math.max(0, value)),
      };
      expect(new Set(open).size).toBe(2);
      const relu = { kind: "ReLU", config: bound === undefined ? {} : { max_value: bound } };
      await withToy([5, 5, 1], [relu, { kind: "MaxPooling2D", config: size3 }, ...weigh(dy)], x, async (network, images) => {
        for (const rule of GRADIENT_RULES) close((await take(network.gradient(images, [0], { rule }))).values, wanted[rule]);
      });
    });

    it("adds the gradients of a ReLU's readers before a rule sees them", async () => {
      const unit = (name: string, from: string, values: readonly number[]): ToyLayer => ({
        kind: "Dense",
        name,
        inputs: [from],
        config: { units: 1, use_bias: false },
        weights: { kernel: { shape: [3, 1], values } },
      });
      const layers: ToyLayer[] = [
        { kind: "Activation", name: "relu", config: { activation: "relu" } },
        { kind: "Flatten", name: "a", inputs: ["relu"] },
        { kind: "Flatten", name: "b", inputs: ["relu"] },
        unit("first", "a", [2, -3, 1]),
        unit("second", "b", [-1, 4, 1]),
        { kind: "Add", name: "both", inputs: ["first", "second"] },
      ];
      await withToy([1, 3, 1], layers, [1, 2, -1], async (network, x) => {
        close((await take(network.gradient(x, [0], { rule: "guided" }))).values, [1, 1, 0]);
      });
    });

    it("differentiates batch normalisation without scale, folded and alone", async () => {
      const statistics = { moving_mean: array([2], 1), moving_variance: { shape: [2], values: [0.5, 2] } };
      const layers: ToyLayer[] = [
        {
          kind: "BatchNormalization",
          name: "first",
          config: { axis: 3, scale: false, epsilon: 0.001 },
          weights: { beta: array([2]), ...statistics },
        },
        ...weigh([1, 1, 2, 2, 3, 3]),
      ];
      await withToy([1, 3, 2], layers, wave(6), async (network, x) => {
        const [a, b] = [1 / Math.sqrt(0.501), 1 / Math.sqrt(2.001)];
        close((await take(network.gradient(x, [0]))).values, [a, b, 2 * a, 2 * b, 3 * a, 3 * b]);
      });
    });
  });

  // Nets of linear operations: f(x + d) − f(x) = ⟨∇f, d⟩ for any d, so that the difference quotient is exact.
  describe(`input gradients of linear operations on ${backend}`, () => {
    const inputs = [
      [7, 8],
      [9, 6],
      [5, 5],
    ] as const;
    const check = async (input: readonly [number, number, number], layer: ToyLayer | readonly ToyLayer[]): Promise<void> => {
      const layers = Array.isArray(layer) ? (layer as readonly ToyLayer[]) : [layer as ToyLayer];
      const count = 2 * input[0] * input[1] * input[2];
      const probe = await withToy(input, [...layers, { kind: "Flatten", name: "end" }], wave(count), (network) =>
        Promise.resolve(network.facts.classes),
      );
      await withToy(input, [...layers, ...weigh(wave(probe, 2))], wave(count, 3), async (network, x) => {
        const tensors = tf.memory().numTensors;
        const step = wave(count, 5);
        const y = tf.tidy(() => tf.add<tf.Tensor4D>(x, tf.tensor4d(step, x.shape)));
        const [before, after] = [(await take(network.logits(x))).values, (await take(network.logits(y))).values];
        const dx = (await take(network.gradient(x, [0, 0]))).values;
        y.dispose();
        expect(tf.memory().numTensors).toBe(tensors);
        for (const image of [0, 1]) {
          const own = range(count / 2).map((i) => i + (image * count) / 2);
          const slope = own.reduce((sum, i) => sum + (dx[i] ?? NaN) * (step[i] ?? NaN), 0);
          const size = own.reduce((sum, i) => sum + Math.abs((dx[i] ?? NaN) * (step[i] ?? NaN)), 0);
          expect(Math.abs((after[image] ?? NaN) - (before[image] ?? NaN) - slope)).toBeLessThanOrEqual(2e-5 * (size + 1));
        }
      });
    };

    for (const padding of ["same", "valid"]) {
      for (const [stride, dilation] of [
        [1, 1],
        [2, 1],
        [3, 1],
        [1, 2],
      ] as const) {
        const moved = { strides: [stride, stride], dilation_rate: [dilation, dilation], padding };
        it(`convolution, ${padding}, stride ${stride}, dilation ${dilation}`, async () => {
          for (const [h, w] of inputs) {
            for (const size of [
              [1, 1],
              [3, 3],
              [2, 1],
              [1, 3],
            ]) {
              const weights = { kernel: array([...size, 2, 3], 1), bias: array([3]) };
              await check([h, w, 2], { kind: "Conv2D", config: { ...moved, filters: 3, kernel_size: size }, weights });
            }
          }
        });
        it(`depthwise convolution, ${padding}, stride ${stride}, dilation ${dilation}`, async () => {
          for (const [h, w] of inputs) {
            for (const multiplier of [1, 2]) {
              const weights = { depthwise_kernel: array([3, 3, 2, multiplier], 1), bias: array([2 * multiplier]) };
              await check([h, w, 2], {
                kind: "DepthwiseConv2D",
                config: { ...moved, depth_multiplier: multiplier, kernel_size: [3, 3] },
                weights,
              });
            }
          }
        });
      }
      it(`average pool, ${padding}`, async () => {
        for (const [h, w] of inputs) {
          for (const [size, stride] of [
            [2, 2],
            [3, 2],
            [3, 1],
            [2, 3],
          ]) {
            await check([h, w, 2], { kind: "AveragePooling2D", config: { pool_size: [size, size], strides: [stride, stride], padding } });
          }
        }
      });
    }

    it("global average pool, padding, concatenation along rows, dropout", async () => {
      await check([5, 6, 2], { kind: "GlobalAveragePooling2D" });
      await check([5, 6, 2], { kind: "ZeroPadding2D", config: { padding: [[1, 0], [2, 3]] } }); // prettier-ignore
      const branches = [
        { kind: "Dropout", name: "left", inputs: ["input"], config: { rate: 0.5 } },
        { kind: "ZeroPadding2D", name: "right", inputs: ["input"], config: { padding: [[1, 1], [0, 0]] } }, // prettier-ignore
        { kind: "Concatenate", name: "join", inputs: ["left", "right", "left"], config: { axis: 1 } },
      ];
      await check([4, 3, 2], branches);
    });
  });

  it(`differentiates a softmax inside the network on ${backend}`, async () => {
    const layers: ToyLayer[] = [
      { kind: "Flatten" },
      { kind: "Dense", config: { units: 4, activation: "softmax" }, weights: { kernel: array([6, 4]), bias: array([4], 2) } },
      { kind: "Dense", config: { units: 2 }, weights: { kernel: array([4, 2], 1), bias: array([2]) } },
    ];
    await withToy([2, 3, 1], layers, wave(6, 4), async (network, x) => {
      const dx = (await take(network.gradient(x, [1]))).values;
      const quotient = await Promise.all(
        range(6).map(async (i) => {
          const at = async (sign: number): Promise<number> => {
            const moved = tf.tidy(() =>
              tf.add<tf.Tensor4D>(
                x,
                tf.tensor4d(
                  Float32Array.from(range(6), (j) => (i === j ? sign * 0.01 : 0)),
                  x.shape,
                ),
              ),
            );
            const value = (await take(network.logits(moved))).values[1] ?? NaN;
            moved.dispose();
            return value;
          };
          return ((await at(1)) - (await at(-1))) / 0.02;
        }),
      );
      expect(difference(dx, quotient).relL2).toBeLessThan(1e-3);
    });
  });
}

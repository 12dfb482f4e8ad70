import { explainOnce, type ExplainOptions } from "@assay/core";
import { tf, type BatchRandom, type ExplainerDefinition, type GradientOptions, type Network } from "@assay/core/plugin";
import { loadNetwork } from "@assay/network";
import { linear } from "@assay/zoo";
import { expect } from "vitest";
import { toyModel, type ToyLayer } from "../../network/test/toy-model.js";
import { toyCase, withDefaults } from "./oracle.js";

type Shape = readonly [height: number, width: number, channels: number];

interface ToyOptions extends Omit<ExplainOptions, "params"> {
  readonly params?: Readonly<Record<string, unknown>>;
  /** stands in for the seeded noise */
  readonly random?: BatchRandom;
}

/** The attribution of one image, which the network's input shape lays out. */
export async function explain(
  network: Network,
  definition: ExplainerDefinition,
  image: readonly number[],
  { params, random, ...options }: ToyOptions = {},
): Promise<Float32Array> {
  const asked: ExplainerDefinition = random
    ? { ...definition, attribute: (x, context) => definition.attribute(x, { ...context, random }) }
    : definition;
  const x = { values: Float32Array.from(image), shape: [1, ...network.facts.inputShape] as const };
  return (await explainOnce(network, asked, x, { targets: 0, ...options, params: withDefaults(definition, params) })).values;
}

/** The network of these layers, for as long as `use` takes. */
export async function withLayers<T>(input: Shape, layers: readonly ToyLayer[], use: (network: Network) => Promise<T>): Promise<T> {
  return released(loadNetwork(toyModel(input, layers)), use);
}

async function released<T>(network: Network, use: (network: Network) => Promise<T>): Promise<T> {
  try {
    return await use(network);
  } finally {
    network.dispose();
  }
}

interface Linear {
  readonly w: number[];
  readonly x: number[];
  readonly bias: number;
  readonly expected: Readonly<Record<string, number[]>> & {
    readonly completeness: { readonly sum: number; readonly "f(x) - f(0)": number };
  };
}

export const LINEAR = toyCase("linear") as Linear;

/** `model/linear` with the weights of the toy. */
export async function onLinear<T>(use: (network: Network) => Promise<T>): Promise<T> {
  const { w: weights, bias } = LINEAR;
  const params = withDefaults(linear, { height: 2, width: 4, classes: 1, weights, bias });
  return released(await linear.load(params as Parameters<typeof linear.load>[0], { services: [] }), use);
}

interface Formulas {
  readonly inputShape: Shape;
  readonly value?: (x: readonly number[]) => number;
  readonly gradient?: (x: readonly number[]) => readonly number[];
  /** one spatial layer `[h, w, c]`, whose activations and gradients are these whatever the input */
  readonly layer?: { readonly shape: Shape; readonly activations: readonly number[]; readonly gradients: readonly number[] };
}

/** A network of one class that is nothing but its formulas. */
export function handMade({ inputShape, value = () => 0, gradient = (x) => x.map(() => 0), layer }: Formulas): Network {
  const rows = (x: tf.Tensor4D): number[][] => tf.tidy(() => tf.reshape(x, [x.shape[0], -1]).arraySync() as number[][]);
  const alike = (x: tf.Tensor4D, values: readonly number[]) =>
    tf.tensor4d(
      rows(x).flatMap(() => [...values]),
      [x.shape[0], ...layer!.shape],
    );
  return {
    facts: { inputShape, classes: 1, layers: [], blocks: [], digest: "hand-made", ...(layer && { convolution: "layer" }) },
    digest: "hand-made",
    batch: 4,
    bytesPerImage: 1,
    logits: (x) => Promise.resolve(tf.tensor2d(rows(x).map((row) => [value(row)]))),
    gradient: (x, _targets, { at }: GradientOptions = {}) =>
      Promise.resolve(
        at === undefined
          ? tf.tensor4d(
              rows(x).flatMap((row) => [...gradient(row)]),
              x.shape,
            )
          : alike(x, layer!.gradients),
      ),
    activations: (x) => Promise.resolve(alike(x, layer!.activations)),
    weights: () => [],
    withWeights: () => expect.unreachable("formulas have no weights"),
    redraw: () => expect.unreachable("formulas have no weights"),
    dispose: () => undefined,
  };
}

interface Quadratic {
  readonly A: number[][];
  readonly x: number[];
  readonly noise: number[][];
  readonly expected: Readonly<Record<string, number[]>>;
}

export const QUADRATIC = toyCase("quadratic") as Quadratic;

/** f = ½xᵀAx, its gradient Ax by the double loop. */
export const quadratic = (): Network =>
  handMade({
    inputShape: [1, 4, 1],
    value: (x) => QUADRATIC.A.reduce((sum, row, i) => sum + row.reduce((s, a, j) => s + 0.5 * x[i]! * a * x[j]!, 0), 0),
    gradient: (x) => QUADRATIC.A.map((row) => row.reduce((sum, a, j) => sum + a * x[j]!, 0)),
  });

/** The stored noise of the quadratic toy, over the scale that the recipe multiplies it by. */
export const quadraticNoise = (sigma = 0.15): BatchRandom => {
  const { noise, x } = QUADRATIC;
  const scale = sigma * (Math.max(...x) - Math.min(...x));
  return {
    normal: (sample) => tf.tensor4d(noise[sample]!.map((value) => value / scale), [1, 1, 4, 1]), // prettier-ignore
    uniform: () => expect.unreachable("the recipe is normal"),
  };
};

interface OneConvolution {
  readonly input: number[][];
  readonly convolution: { readonly bias: number[] };
  readonly dense: { readonly weightsInNhwcFlattenOrder: number[]; readonly bias: number };
  readonly expected: Readonly<Record<string, number[][]>>;
}

export const ONE_CONV = toyCase("one-conv") as OneConvolution;

/** The one-convolution toy; what is explained is the unit behind the last ReLU. */
export const onOneConvolution = <T>(use: (network: Network) => Promise<T>): Promise<T> =>
  withLayers(
    [4, 4, 1],
    [
      {
        kind: "Conv2D",
        name: "conv",
        config: { filters: 2, kernel_size: [3, 3], padding: "valid" },
        weights: {
          kernel: { shape: [3, 3, 1, 2], values: new Float32Array(18).fill(1) },
          bias: { shape: [2], values: ONE_CONV.convolution.bias },
        },
      },
      { kind: "ReLU", name: "relu" },
      { kind: "Flatten", name: "flat" },
      {
        kind: "Dense",
        name: "unit",
        config: { units: 1 },
        weights: {
          kernel: { shape: [8, 1], values: ONE_CONV.dense.weightsInNhwcFlattenOrder },
          bias: { shape: [1], values: [ONE_CONV.dense.bias] },
        },
      },
      { kind: "ReLU", name: "out" },
    ],
    use,
  );

/** Equal cell by cell, up to a share of the largest expected value (1 at least). */
export function expectNear(got: ArrayLike<number>, expected: readonly number[], tolerance = 1e-6): void {
  expect(got.length).toBe(expected.length);
  const size = Math.max(1, ...expected.map(Math.abs));
  const worst = Math.max(...expected.map((value, i) => Math.abs(got[i]! - value)));
  expect(worst, `${Array.from(got).join(" ")} against ${expected.join(" ")}`).toBeLessThanOrEqual(tolerance * size);
}

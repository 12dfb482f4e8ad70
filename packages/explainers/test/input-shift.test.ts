import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeNpy } from "@assay/core";
import type { ExplainerDefinition, Network } from "@assay/core/plugin";
import { startBackend } from "@assay/network";
import { beforeAll, describe, expect, it } from "vitest";
import { gradientXInput } from "../src/gradient-x-input.js";
import { gradient } from "../src/gradient.js";
import { guidedBackprop } from "../src/guided-backprop.js";
import { inputShift } from "../src/input-shift.js";
import { integratedGradients } from "../src/integrated-gradients.js";
import { occlusion } from "../src/occlusion.js";
import { smoothgrad } from "../src/smoothgrad.js";
import { inner, passesTheKit } from "./oracle.js";
import { expectNear, explain, LINEAR, onLinear, withLayers } from "./toy.js";
import { wave } from "../../network/test/toy-model.js";

await passesTheKit(inputShift);
await passesTheKit(inputShift, { inner: inner(gradientXInput) }, "over gradient times input");

const SHIFT = -0.75;
const [IN, HIDDEN] = [8, 6];
const kernel = wave(IN * HIDDEN);
const image = [...wave(IN, 4)];

/** ReLU(xW + b)·v, with the bias of the first layer moved by −s·W where asked. */
const twoLayers = <T>(shift: readonly number[] | undefined, use: (network: Network) => Promise<T>): Promise<T> => {
  const bias = wave(HIDDEN, 1).map((b, j) => b - (shift?.reduce((sum, s, i) => sum + s * kernel[i * HIDDEN + j]!, 0) ?? 0));
  const layers = [
    { kind: "Flatten", name: "flat" },
    {
      kind: "Dense",
      name: "hidden",
      config: { units: HIDDEN },
      weights: { kernel: { shape: [IN, HIDDEN], values: kernel }, bias: { shape: [HIDDEN], values: bias } },
    },
    { kind: "ReLU", name: "relu" },
    {
      kind: "Dense",
      name: "out",
      config: { units: 1, use_bias: false },
      weights: { kernel: { shape: [HIDDEN, 1], values: wave(HIDDEN, 2) } },
    },
  ];
  return withLayers([2, 4, 1], layers, use);
};

describe("input-shift", () => {
  beforeAll(() => startBackend("tensorflow"));
  const shiftedMap = (network: Network, x: readonly number[], of: ExplainerDefinition, params: Record<string, unknown> = {}) =>
    explain(network, inputShift, x, { params: { shift: SHIFT }, inner: inner(of, params) });

  it("leaves the gradient of a linear network alone, and makes of x ⊙ w what (x + s) ⊙ w is", () =>
    onLinear(async (network) => {
      const { w, x } = LINEAR;
      expectNear(await explain(network, inputShift, x), w);
      expectNear(await shiftedMap(network, x, smoothgrad, { samples: 3 }), w);
      const moved = w.map((weight, i) => weight * (x[i]! + SHIFT));
      expectNear(await shiftedMap(network, x, gradientXInput), moved);
      expectNear(await shiftedMap(network, x, integratedGradients, { steps: 3 }), moved);
    }));

  it("leaves integrated gradients alone where the baseline is shifted too", () =>
    onLinear(async (network) => {
      const map = await shiftedMap(network, LINEAR.x, integratedGradients, { steps: 3, baseline: SHIFT });
      expectNear(map, LINEAR.expected["gradient-x-input"]!);
    }));

  const methods: readonly [ExplainerDefinition, Record<string, unknown>][] = [
    [gradient, {}],
    [gradientXInput, {}],
    [guidedBackprop, {}],
    [integratedGradients, { steps: 7 }],
    [occlusion, { window: 1, stride: 1 }],
  ];

  it.each(methods.map(([of, params]) => [of.name, of, params] as const))(
    "is %s at x + s of the network whose first bias is b − s·W",
    async (_, of, params) => {
      const s = image.map(() => SHIFT);
      const expected = await twoLayers(s, (network) => explain(network, of, image.map((v) => v + SHIFT), { params })); // prettier-ignore
      const map = await twoLayers(undefined, (network) => shiftedMap(network, image, of, params));
      expectNear(map, [...expected], 1e-5);
    },
  );

  it("takes a picture as the shift", async () => {
    const s = [...wave(IN, 9)];
    const file = join(mkdtempSync(join(tmpdir(), "assay-shift-")), "shift.npy");
    writeFileSync(file, encodeNpy(Float32Array.from(s), [2, 4, 1]));
    const expected = await twoLayers(s, (network) => explain(network, gradientXInput, image.map((v, i) => v + s[i]!))); // prettier-ignore
    const map = await twoLayers(undefined, (network) => explain(network, inputShift, image, { params: { shift: file }, inner: inner(gradientXInput) })); // prettier-ignore
    expectNear(map, [...expected], 1e-5);
    expect(map).not.toEqual(await twoLayers(undefined, (network) => explain(network, gradientXInput, image)));
  });
});

import * as tf from "@tensorflow/tfjs-core";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { explainOnce } from "../../src/engine/explain-once.js";
import { defineExplainer, integer, strictObject, type ExplainerDefinition } from "../../src/plugin/index.js";
import { encodeNpy } from "../../src/store/npy.js";
import { ToyNetwork, toyImages } from "./toy-network.js";

const noParams = strictObject({});
const explainer = (attribute: ExplainerDefinition["attribute"], more: Partial<ExplainerDefinition> = {}): ExplainerDefinition =>
  defineExplainer({ name: "mine", version: "1", summary: "a test", params: noParams, attribute, ...more });
const registered = (definition: ExplainerDefinition) => ({
  id: `explainer/${definition.name}`,
  definition,
  origin: "test",
  module: "",
  codeDigest: "",
});
const images = (n: number) => ({ values: toyImages(n), shape: [n, 3, 4, 1] as const });

const smooth = defineExplainer({
  name: "smooth",
  version: "1",
  summary: "mean of noisy gradients",
  params: strictObject({ samples: integer({ default: 6, description: "copies" }) }),
  attribute: (x, { mean, random, inner, params }) => mean(params.samples, (s) => inner(tf.add(x, random.normal(s)), s)),
}) as unknown as ExplainerDefinition;

beforeAll(async () => void (await tf.setBackend("cpu")));

describe("explainOnce", () => {
  it("gives the closed form of the gradient", async () => {
    const network = ToyNetwork.trained();
    const { values, targets } = await explainOnce(
      network,
      explainer((x, { gradient }) => gradient(x)),
      images(2),
      { params: {}, targets: 1 },
    );
    const top = network.top.arraySync()[1]!;
    const bottom = network.bottom.arraySync();
    toyImages(2).forEach((x, i) => expect(values[i]).toBeCloseTo(top[i % 12]! * bottom[i % 12]! * x, 5));
    expect(targets).toEqual([1, 1]);
  });

  it("gathers the terms of a mean over one image into batches of the network's size", async () => {
    const network = ToyNetwork.trained(4);
    await explainOnce(network, smooth, images(1), { params: { samples: 6 }, targets: 0 });
    expect(network.calls).toEqual([4, 2]);
  });

  it("gives one image the same values alone as among others, and the same bytes for the same seed", async () => {
    const all = await explainOnce(ToyNetwork.trained(2), smooth, images(5), { params: { samples: 5 } });
    const again = await explainOnce(ToyNetwork.trained(2), smooth, images(5), { params: { samples: 5 } });
    const other = await explainOnce(ToyNetwork.trained(2), smooth, images(5), { params: { samples: 5 }, seed: 7 });
    expect(all.values).toEqual(again.values);
    expect(all.values).not.toEqual(other.values);
    for (let i = 0; i < 5; i++) {
      const x = { values: toyImages(5).slice(i * 12, i * 12 + 12), shape: [1, 3, 4, 1] as const };
      const alone = await explainOnce(ToyNetwork.trained(8), smooth, x, { params: { samples: 5 }, images: [i] });
      expect(alone.values).toEqual(all.values.slice(i * 12, i * 12 + 12));
    }
  });

  it("computes an equal question once, within an explainer", async () => {
    const network = ToyNetwork.trained();
    await explainOnce(
      network,
      explainer(async (x, { gradient }) => tf.add(await gradient(x), await gradient(tf.clone(x)))),
      images(2),
      { params: {} },
    );
    expect(network.calls).toEqual([2]);
  });

  it("tells an inner explainer other classes, or the network of shifted inputs, and keeps its answers apart", async () => {
    const network = ToyNetwork.trained();
    const told = async (attribute: ExplainerDefinition["attribute"], inner?: ExplainerDefinition) => {
      const options = { params: {}, targets: 0, ...(inner && { inner: { plugin: registered(inner), params: {} } }) };
      return (await explainOnce(network, explainer(attribute), images(2), options)).values;
    };
    const plain = (targets: number) =>
      explainOnce(
        network,
        explainer((x, { gradient }) => gradient(x)),
        images(2),
        { params: {}, targets },
      );
    const [first, second] = [(await plain(0)).values, (await plain(1)).values];
    expect(await told((x, { inner }) => inner(x, 0, { targets: [1, 1] }))).toEqual(second);
    const shown = explainer((x, { targets, gradient }) => gradient(tf.mul(x, targets[0]! === 2 ? 1 : 0), { targets: [1, 1] }));
    expect(await told((x, { inner }) => inner(x, 0, { targets: [2, 2] }), shown)).toEqual(second);
    const both = await told(async (x, { inner, gradient }) => {
      // asked together of one batch: the gradient at x, and that of the shifted network at x, which is linear in x here
      const [here, there] = await Promise.all([gradient(x), inner(x, 0, { shift: tf.scalar(0.5) })]);
      return tf.sub(here, there);
    });
    const top = network.top.arraySync()[0]!;
    const bottom = network.bottom.arraySync();
    both.forEach((value, i) => expect(value).toBeCloseTo(top[i % 12]! * bottom[i % 12]! * 0.5, 5));
    expect(first).not.toEqual(second);
  });

  it("takes maps that are shaped like a layer from those that say so only", async () => {
    const rows: ExplainerDefinition["attribute"] = (x) => Promise.resolve(tf.reshape(x, [-1, 1, 3, 4]));
    const { shape, values } = await explainOnce(ToyNetwork.trained(1), explainer(rows, { shape: "layer" }), images(2), { params: {} });
    expect(shape).toEqual([2, 1, 3, 4]);
    expect(values).toEqual(toyImages(2));
    await expect(explainOnce(ToyNetwork.trained(), explainer(rows), images(2), { params: {} })).rejects.toMatchObject({
      code: "EXPLAINER-SHAPE",
    });
  });

  it("leaves no tensor behind, when it works and when it throws", async () => {
    const network = ToyNetwork.trained();
    const before = tf.memory().numTensors;
    await explainOnce(network, smooth, images(3), {
      params: { samples: 50 },
      inner: { plugin: registered(smooth), params: { samples: 3 } },
    });
    await expect(
      explainOnce(
        network,
        explainer(async (x, { mean, gradient }) =>
          mean(20, async (s) => (s === 11 ? Promise.reject(new Error("no")) : gradient(tf.add(x, s)))),
        ),
        images(3),
        { params: {} },
      ),
    ).rejects.toThrow("no");
    expect(tf.memory().numTensors).toBe(before);
  });

  it("keeps the scopes of a mean apart from work that runs beside it", async () => {
    const beside = explainer(async (x, { mean, gradient, activations }) => {
      const [a, b, c] = await Promise.all([
        mean(9, (s) => gradient(tf.add(x, s))),
        mean(9, async (s) => tf.mul(await gradient(tf.mul(x, s)), 2)),
        activations(x, "squares").then((y) => tf.mul<tf.Tensor4D>(y, 0)),
      ]);
      return tf.add(tf.add(a, b), c);
    });
    const network = ToyNetwork.trained(6);
    const before = tf.memory().numTensors;
    const { values } = await explainOnce(network, beside, images(2), { params: {}, targets: 0 });
    const top = network.top.arraySync()[0]!;
    const bottom = network.bottom.arraySync();
    // mean of (x + s) is x + 4, of s·x is 4x, doubled
    toyImages(2).forEach((x, i) => expect(values[i]).toBeCloseTo(top[i % 12]! * bottom[i % 12]! * (x + 4 + 8 * x), 3));
    expect(tf.memory().numTensors).toBe(before);
  });

  it("keeps few terms alive: the peak does not grow with their number", async () => {
    const network = ToyNetwork.trained(4);
    const peak = async (n: number): Promise<number> => {
      let most = 0;
      const counted = explainer((x, { mean, gradient }) =>
        mean(n, async (s) => {
          const term = await gradient(tf.add(x, s));
          most = Math.max(most, tf.memory().numTensors);
          return term;
        }),
      );
      await explainOnce(network, counted, images(1), { params: {} });
      return most;
    };
    expect(await peak(400)).toBeLessThanOrEqual((await peak(16)) + 2);
  });

  it("splits the noise of a noise control by network, and no other's", async () => {
    const noise = (control?: "noise") => explainer((_x, { random }) => Promise.resolve(random.uniform(0)), control && { control });
    const run = (network: ToyNetwork, control?: "noise") => explainOnce(network, noise(control), images(2), { params: {} });
    expect((await run(ToyNetwork.trained(8, 1))).values).toEqual((await run(ToyNetwork.trained(8, 2))).values);
    expect((await run(ToyNetwork.trained(8, 1), "noise")).values).not.toEqual((await run(ToyNetwork.trained(8, 2), "noise")).values);
  });

  it.each([
    ["EXPLAINER-SHAPE", explainer((x) => Promise.resolve(tf.tile(x, [1, 2, 1, 1])))],
    ["EXPLAINER-BATCH", explainer((x, { gradient }) => gradient(tf.tile(x, [2, 1, 1, 1])))],
  ])("refuses with %s what is not one map an image", async (code, definition) => {
    await expect(explainOnce(ToyNetwork.trained(), definition, images(2), { params: {} })).rejects.toMatchObject({ code });
  });

  it("stops between two batches when it is told to", async () => {
    const controller = new AbortController();
    const network = ToyNetwork.trained(1);
    const stopped = explainer((x, { mean, gradient }) =>
      mean(1000, (s) => {
        if (s === 5) controller.abort();
        return gradient(tf.add(x, s));
      }),
    );
    await expect(explainOnce(network, stopped, images(1), { params: {}, signal: controller.signal })).rejects.toThrow(/abort/i);
    expect(network.calls.length).toBeLessThan(8);
  });

  it("does not slow down with the number of batches that were explained before", async () => {
    const network = ToyNetwork.trained();
    const time = async (): Promise<number> => {
      const startMs = performance.now();
      for (let i = 0; i < 300; i++) await explainOnce(network, smooth, images(1), { params: { samples: 16 } });
      return performance.now() - startMs;
    };
    await time();
    const early = await time();
    for (let i = 0; i < 4; i++) await time();
    expect(await time()).toBeLessThan(4 * early);
  });

  it("reads an array parameter from an .npy file shaped like one input, and refuses any other", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "assay-array-")), "b.npy");
    const filled = (value: number | string) =>
      explainOnce(
        ToyNetwork.trained(),
        explainer((x, { array }) => Promise.resolve(tf.add(tf.zerosLike(x), array(value)))),
        images(2),
        { params: {} },
      );
    writeFileSync(file, encodeNpy(toyImages(1), [3, 4, 1]));
    expect((await filled(file)).values).toEqual(Float32Array.from([...toyImages(1), ...toyImages(1)]));
    expect((await filled(0.5)).values).toEqual(new Float32Array(24).fill(0.5));
    writeFileSync(file, encodeNpy(toyImages(1), [4, 3, 1]));
    await expect(filled(file)).rejects.toMatchObject({ code: "ARRAY-SHAPE" });
    await expect(filled(`${file}.gone`)).rejects.toMatchObject({ code: "ARRAY-FILE" });
  });
});

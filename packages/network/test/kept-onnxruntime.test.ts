import * as tf from "@tensorflow/tfjs-core";
import { GRADIENT_RULES, seedTree, type GradientRule, type Network } from "@assay/core/plugin";
import { Tensor, type InferenceSession } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Kept } from "../src/executors/onnxruntime/kept.js";
import { loadModel } from "../src/index.js";
import { CASES, ORACLE, readArray, readManifest } from "./oracle.js";
import { onBackend, take } from "./oracle-cases.js";

onBackend("onnxruntime");

describe.each(CASES)("%s, redrawn from the top", (name) => {
  const { targets } = readManifest(name);
  let network: Network;
  let x: tf.Tensor4D;
  beforeAll(async () => {
    network = await loadModel(`${ORACLE}models/${name}/model.json`);
    const { shape, values } = readArray(name, "input");
    x = tf.tensor4d(values, shape as tf.Tensor4D["shape"]);
  });
  afterAll(() => {
    x.dispose();
    network.dispose();
  });
  const gradient = (of: Network, rule: GradientRule, times = 1): Promise<Float32Array> => {
    const images = tf.mul<tf.Tensor4D>(x, times);
    return take(of.gradient(images, targets, { rule }))
      .then(({ values }) => values)
      .finally(() => images.dispose());
  };

  it.each(GRADIENT_RULES)("has the gradients of a network that shares no layer with another, asked once or again (%s)", async (rule) => {
    const { blocks } = network.facts;
    for (let count = 1; count <= blocks.length; count++) {
      const redrawn = network.redraw(blocks.slice(0, count), "initializer", seedTree(1).split("draw", "0"));
      const alone = network.withWeights(Float32Array.from(redrawn.weights().flatMap(({ values }) => [...values])));
      const [expected, other] = [await gradient(alone, rule), await gradient(alone, rule, 0.5)];
      const scale = Math.max(...expected.map(Math.abs));
      for (const [times, values] of [
        [1, expected],
        [0.5, other],
        [1, expected],
        [0.5, other],
      ] as const)
        // prettier-ignore
        expect(farthest(await gradient(redrawn, rule, times), values)).toBeLessThanOrEqual(1e-5 * scale);
      for (const each of [redrawn, alone]) each.dispose();
    }
  });
});

const farthest = (a: Float32Array, b: Float32Array): number => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describe("what is kept of forward passes", () => {
  const tensor = (...values: number[]) => new Tensor("float32", Float32Array.from(values), [values.length]);
  const counted = () => {
    let runs = 0;
    const run = ({ x }: Record<string, Tensor>) => Promise.resolve({ y: x, run: tensor(++runs) });
    return { session: { run } as unknown as InferenceSession, runs: () => runs };
  };
  const [one, two] = [{ forward: "one", back: "" }, { forward: "two", back: "" }]; // prettier-ignore

  it("is asked for once for each content and way", async () => {
    const { session, runs } = counted();
    const kept = new Kept(1000);
    const first = await kept.forward(one, session, tensor(1, 2));
    expect((await kept.forward(one, session, tensor(1, 2)))["run"]).toEqual(first["run"]);
    await kept.forward(one, session, tensor(2, 1));
    await kept.forward(two, session, tensor(1, 2));
    expect(runs()).toBe(3);
  });

  it.each([1, 7, 8, 9, 64, 1001])("is the same truths, of which eight take a byte (%d)", async (length) => {
    const truths = Uint8Array.from({ length }, (_, i) => Number((i * i) % 7 < 3));
    const session = { run: () => Promise.resolve({ y: new Tensor("bool", truths.slice(), [length]) }) } as unknown as InferenceSession;
    const kept = new Kept(Math.ceil(length / 8));
    for (let times = 0; times < 3; times++) expect((await kept.forward(one, session, tensor(1)))["y"]!.data).toEqual(truths);
  });

  it("ends where it is full, and the first stay", async () => {
    const { session, runs } = counted();
    const kept = new Kept(24);
    for (const value of [1, 2, 3, 3, 1, 2]) await kept.forward(one, session, tensor(value, value));
    expect(runs()).toBe(4);
  });

  it("goes with the session that gave it", async () => {
    const { session, runs } = counted();
    const kept = new Kept(24);
    for (const value of [1, 2]) await kept.forward(one, session, tensor(value, value));
    kept.forget("one");
    for (const value of [3, 4, 3, 4]) await kept.forward(two, session, tensor(value, value));
    expect(runs()).toBe(4);
  });
});

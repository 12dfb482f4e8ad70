import * as tf from "@tensorflow/tfjs-core";
import { GRADIENT_RULES } from "@assay/core/plugin";
import { afterEach, describe, expect, it, vi } from "vitest";
import { BatchTrial } from "../src/executors/onnxruntime/batch-trial.js";
import { Session } from "../src/executors/onnxruntime/session.js";
import { loadModel } from "../src/index.js";
import { CASES, ORACLE, readArray } from "./oracle.js";
import { onBackend, take } from "./oracle-cases.js";

/** Milliseconds of a run, by its size. */
type Machine = (size: number, run: number) => number;

/** The sizes that are taken on the way, and the one that is found. */
function tried(most: number, machine: Machine, images = most): { sizes: number[]; found: number } {
  const trial = new BatchTrial(most);
  const sizes: number[] = [];
  for (let run = 0; run < 9; run++) {
    sizes.push(trial.size);
    trial.took(machine(trial.size, run) * images, images, trial.size);
  }
  trial.end();
  return { sizes, found: trial.size };
}

describe("a trial of batch sizes", () => {
  it("takes the one that is fastest, tried in turn with the others", () => {
    expect(tried(64, (size) => Math.abs(size - 30))).toEqual({ sizes: [64, 32, 16, 64, 32, 16, 64, 32, 16], found: 32 });
    expect(tried(64, (size) => size).found).toBe(16);
    expect(tried(64, (size) => -size).found).toBe(64);
  });

  it("goes by the fastest run of each: the first opens a session, and others wait for the machine", () => {
    expect(tried(64, (size, run) => (run < 3 ? 1000 : size === 64 ? 1 : 2)).found).toBe(64);
    expect(tried(64, (size, run) => (run === 4 ? 1000 : size === 32 ? 1 : 2)).found).toBe(32);
  });

  it("tries no size below one image", () => {
    expect(new Set(tried(2, () => 1).sizes)).toEqual(new Set([2, 1]));
    expect(tried(1, () => 1)).toEqual({ sizes: Array(9).fill(1), found: 1 });
  });

  it("learns nothing from so few images that two sizes come to the same, and stays with what memory allows", () => {
    expect(tried(64, (size) => size, 32)).toEqual({ sizes: Array(9).fill(64), found: 64 });
  });

  it("stays with what memory allows where it ends too early, and changes nothing from then on", () => {
    const trial = new BatchTrial(8);
    for (const [ms, size] of [[10, 8], [1, 4], [1, 2]] as const) trial.took(ms, 8, size); // prettier-ignore
    trial.end();
    for (let run = 0; run < 9; run++) trial.took(1, 8, 2);
    expect(trial.size).toBe(8);
  });
});

describe("gradients, however many images a thread computes at once", () => {
  onBackend("onnxruntime");
  afterEach(() => vi.restoreAllMocks());

  it.each(CASES)("are the same bit for bit (%s)", async (name) => {
    const { shape, values } = readArray(name, "input");
    const images = tf.tensor4d(values, shape as tf.Tensor4D["shape"]);
    const x = tf.concat([images, tf.mul<tf.Tensor4D>(images, 0.9), tf.mul<tf.Tensor4D>(images, 0.8), tf.mul<tf.Tensor4D>(images, 0.7)]);
    const network = await loadModel(`${ORACLE}models/${name}/model.json`);
    const targets = Array<number>(x.shape[0]).fill(0);
    const size = vi.spyOn(BatchTrial.prototype, "size", "get");
    for (const rule of GRADIENT_RULES) {
      const all: Uint8Array[] = [];
      for (const atOnce of [64, 3, 2, 1]) {
        size.mockReturnValue(atOnce);
        all.push(new Uint8Array((await take(network.gradient(x, targets, { rule }))).values.buffer));
      }
      for (const other of all.slice(1)) expect(other).toEqual(all[0]);
    }
    for (const each of [network, x, images]) each.dispose();
  });

  it("come in the size that was found, in which those of networks redrawn from it come too", async () => {
    const run = vi.spyOn(Session.prototype, "run");
    const network = await loadModel(`${ORACLE}models/cnn/model.json`);
    const x = tf.randomUniform<tf.Rank.R4>([network.batch, ...network.facts.inputShape] as tf.Tensor4D["shape"], 0, 1, "float32", 1);
    const targets = Array<number>(network.batch).fill(0);
    const sizes = async (of: typeof network): Promise<number> => {
      await take(of.gradient(x, targets));
      return run.mock.lastCall![2].atOnce;
    };
    const before: number[] = [];
    for (let i = 0; i < 9; i++) before.push(await sizes(network));
    expect(new Set(before).size).toBe(3);
    const found = await sizes(network);
    expect(before).toContain(found);
    const redrawn = network.withWeights(Float32Array.from(network.weights().flatMap((each) => [...each.values])));
    for (const of of [network, redrawn, network]) expect(await sizes(of)).toBe(found);
    for (const each of [network, redrawn, x]) each.dispose();
  });
});

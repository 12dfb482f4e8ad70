import * as tf from "@tensorflow/tfjs-core";
import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runPlan, type RunPlanOptions } from "../../src/engine/run-plan.js";
import type { RunEvent } from "../../src/engine/types.js";
import { Store } from "../../src/store/store.js";
import buildCore from "./build-core.js";
import { seen, ToyPlan } from "./toy-plan.js";
import { school } from "./toy-trainer.js";

let root: string;
let store: Store;
let events: RunEvent[];

beforeAll(async () => {
  buildCore();
  await tf.setBackend("cpu");
});
function elsewhere(): void {
  root = mkdtempSync(join(tmpdir(), "assay-training-"));
  store = new Store(root);
}
beforeEach(() => {
  elsewhere();
  Object.assign(seen, { loads: 0, networks: [], attributed: [], reads: 0 });
  Object.assign(school, { epochs: [], open: 0, labels: [], before: () => undefined });
});

/** Two trainings, on true and on other labels, and the likeness of their maps. */
function twoTrainings(params: Record<string, unknown> = {}) {
  const toy = new ToyPlan();
  const digits = toy.add("digits", "dataset/toy", { params: { count: 6 } });
  const architecture = toy.add("architecture", "model/toy");
  const relabelled = ["trained", "shifted"].map((stage, share) =>
    toy.add("labels", "randomizer/shift", { in: { images: digits }, axes: { draw: "0", stage }, labels: { name: stage, share } }),
  );
  const settings = { params: { epochs: 4, ...params } };
  const model = toy.add("model", "trainer/toy", { in: { model: architecture, images: digits, test: digits }, ...settings });
  const again = relabelled.map((images, i) =>
    toy.add("again", "trainer/toy", {
      in: { model: architecture, images },
      axes: { draw: "0", stage: ["trained", "shifted"][i]! },
      ...settings,
    }),
  );
  const maps = [model, ...again].map((network, i) =>
    toy.add(["reference", "perturbed"][Math.min(i, 1)]!, "explainer/gradient", {
      in: { model: network, images: digits },
      target: "label",
      axes: i === 0 ? {} : { draw: "0", stage: ["trained", "shifted"][i - 1]! },
    }),
  );
  for (const [i, stage] of ["trained", "shifted"].entries())
    toy.add("similarity", "metric/cosine", { in: { a: maps[0]!, b: maps[i + 1]! }, axes: { draw: "0", stage }, view: { name: "raw" } });
  return toy.plan();
}

async function run(plan = twoTrainings(), options: Partial<RunPlanOptions> = {}) {
  events = [];
  return runPlan(plan, { store, onEvent: (event) => events.push(event), ...options });
}
const keyOf = (id: string) => twoTrainings().instances.get(id)!.key;
const weightsOf = (id: string) => {
  const found = store.trainings.read(keyOf(id));
  return found.state === "found" ? found.value : undefined;
};

describe("training in a plan", () => {
  it("gives networks to explain, each with an order and initial weights of its own", async () => {
    const outcome = await run();
    expect(outcome.failed).toEqual([]);
    expect(school.open).toBe(0);
    const [model, twin, other] = ["model", "again[draw=0,stage=trained]", "again[draw=0,stage=shifted]"].map(weightsOf);
    expect(model!.epochs).toEqual([1, 2, 3, 4].map((done) => ({ loss: Math.fround(1) / done, accuracy: done / 10 })));
    expect(model!.testAccuracy).toBe(0.6);
    expect(twin!.testAccuracy).toBeUndefined();
    expect(twin!.weights).not.toEqual(model!.weights);
    expect(other!.weights).not.toEqual(twin!.weights);
    for await (const { group } of outcome.scores()) for (const { value } of group.scores) expect(Math.abs(value!)).toBeLessThan(0.999999);
  });

  it("hands out the labels of the randomizer, and explains each image's own class", async () => {
    await run();
    expect(school.labels[0]).toEqual([0, 1, 2, 0, 1, 2]);
    expect(school.labels[1]).toEqual(school.labels[0]);
    expect(school.labels[2]).not.toEqual(school.labels[0]);
    const maps = await store.readMaps(keyOf("reference"));
    expect(maps.state === "found" && [...maps.value.targets]).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it("tells every epoch, and how many are left", async () => {
    await run();
    const told = events.filter((event) => event.type === "epoch-finished" && event.instance.id === "model");
    expect(told).toMatchObject([1, 2, 3, 4].map((epoch) => ({ epoch, of: 4, loss: 1 / epoch, accuracy: epoch / 10 })));
    const last = events.filter((event) => event.type === "node-progress" && event.node === "again").at(-1);
    expect(last).toMatchObject({ done: 8, total: 8, unit: "epochs" });
  });

  it("is found in the store the second time", async () => {
    await run();
    school.epochs = [];
    const outcome = await run();
    expect(outcome.computed).toBe(0);
    expect(school.epochs).toEqual([]);
    expect(seen.loads).toBe(1);
  });

  it("ends at its accuracy", async () => {
    await run(twoTrainings({ until: 0.2 }));
    expect(school.epochs).toEqual(["1", "2", "1", "2", "1", "2"]);
    const last = events.filter((event) => event.type === "node-progress" && event.node === "model").at(-1);
    expect(last).toMatchObject({ done: 4, total: 4 });
  });

  it("is an error where it does not get to its accuracy, and leaves nothing behind that another would go on from", async () => {
    const outcome = await run(twoTrainings({ until: 0.9 }));
    expect(outcome.status).toBe("failed");
    expect(outcome.failed.map(({ error }) => error.facts)).toMatchObject(
      [0, 1, 2].map(() => ({ code: "TRAINING-MISSED", expected: "at least 0.9", got: "0.400" })),
    );
    expect(seen.attributed).toEqual([]);
    expect(readdirSync(join(root, "store"), { recursive: true }).filter((name) => String(name).endsWith(".npy"))).toEqual([]);
    expect(school.open).toBe(0);
  });

  it("is an error where the loss is no number", async () => {
    const outcome = await run(twoTrainings({ diverges: 2 }));
    expect(outcome.failed[0]!.error.facts).toMatchObject({ code: "TRAINING-DIVERGED", where: "model" });
  });

  it("says before anything is computed that the backend cannot train", async () => {
    await expect(run({ ...twoTrainings(), backend: "wasm" })).rejects.toMatchObject({
      facts: { code: "TRAINING-BACKEND", exit: 3, expected: "cpu", got: "wasm" },
    });
    expect(events).toEqual([]);
    expect(seen.loads).toBe(0);
  });
});

describe("a training that was stopped", () => {
  const stoppedAt = async (epoch: number, id: number) => {
    const stop = new AbortController();
    let begun = 0;
    school.before = (number) => {
      if (number === 1) begun++;
      if (begun === id && number === epoch) stop.abort();
    };
    const outcome = await run(twoTrainings(), { signal: stop.signal });
    school.before = () => undefined;
    return outcome;
  };
  const all = ["model", "again[draw=0,stage=trained]", "again[draw=0,stage=shifted]"];

  it("goes on from its last whole epoch to the same weights", async () => {
    await run();
    const undisturbed = all.map(weightsOf);
    elsewhere();
    expect((await stoppedAt(3, 1)).status).toBe("interrupted");
    expect(school.open).toBe(0);
    school.epochs = [];
    await stoppedAt(2, 1);
    expect(school.epochs).toEqual(["3", "4", "1"]);
    school.epochs = [];
    await run();
    expect(school.epochs).toEqual(["2", "3", "4", "1", "2", "3", "4"]);
    expect(all.map(weightsOf)).toEqual(undisturbed);
  });

  it("begins again where the state that it left is damaged", async () => {
    await run();
    const undisturbed = weightsOf("model");
    elsewhere();
    await stoppedAt(3, 1);
    const states = readdirSync(join(root, "store"), { recursive: true })
      .map(String)
      .filter((name) => /state-.*\.npy$/.test(name));
    expect(states).toHaveLength(1);
    truncateSync(join(root, "store", states[0]!), 100);
    school.epochs = [];
    await run();
    expect(school.epochs.slice(0, 4)).toEqual(["1", "2", "3", "4"]);
    expect(weightsOf("model")).toEqual(undisturbed);
  });

  it("keeps no state when it is done", async () => {
    await stoppedAt(3, 1);
    await run();
    expect(readdirSync(join(root, "store"), { recursive: true }).filter((name) => String(name).includes(".part"))).toEqual([]);
  });
});

describe("weights in the store", () => {
  it("are trained again where they are damaged", async () => {
    await run();
    const undisturbed = weightsOf("model");
    const key = keyOf("model");
    const file = join(root, "store", key.slice(0, 2), key, "weights.npy");
    truncateSync(file, 150);
    rmSync(join(root, "store", keyOf("reference").slice(0, 2), keyOf("reference")), { recursive: true });
    const scores = [...twoTrainings().instances.values()].filter(({ output }) => output === "scores").map((instance) => instance.key);
    for (const score of scores) rmSync(join(root, "store", score.slice(0, 2), `${score}.json`));
    school.epochs = [];
    await run();
    expect(school.epochs).toEqual(["1", "2", "3", "4"]);
    expect(weightsOf("model")).toEqual(undisturbed);
    expect(existsSync(file)).toBe(true);
  });

  it("go last when the store is shrunk, and the state of an unfinished training goes with the maps", async () => {
    await run();
    await store.trainings.keep("ab".repeat(32), { state: new Float32Array(10), epochs: [] });
    const { leftBytes } = await store.gc(0, { mapsOnly: true });
    expect(await store.trainings.checkpoint("ab".repeat(32))).toBeUndefined();
    expect(weightsOf("model")).toBeDefined();
    expect(leftBytes).toBeGreaterThan(0);
    await store.gc(0);
    expect(weightsOf("model")).toBeUndefined();
  });
});

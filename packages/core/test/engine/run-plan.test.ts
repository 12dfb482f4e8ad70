import * as tf from "@tensorflow/tfjs-core";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { planStates } from "../../src/engine/plan-states.js";
import { runPlan, type RunPlanOptions } from "../../src/engine/run-plan.js";
import type { RunEvent, RunOutcome } from "../../src/engine/types.js";
import type { Plan } from "../../src/experiment/plan-types.js";
import type { ScoreGroup } from "../../src/plugin/index.js";
import { Store } from "../../src/store/store.js";
import buildCore from "./build-core.js";
import { cascade, seen, ToyPlan } from "./toy-plan.js";

let root: string;
let store: Store;
let events: RunEvent[];

beforeAll(async () => {
  buildCore();
  await tf.setBackend("cpu");
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "assay-run-"));
  store = new Store(root);
  events = [];
  Object.assign(seen, { loads: 0, networks: [], attributed: [], reads: 0 });
});

const run = (plan: Plan, options: Partial<RunPlanOptions> = {}) => {
  events = [];
  return runPlan(plan, { store, onEvent: (event) => events.push(event), ...options });
};
const scoresOf = async (outcome: RunOutcome): Promise<Record<string, ScoreGroup>> => {
  const all: Record<string, ScoreGroup> = {};
  for await (const { instance, group } of outcome.scores()) all[instance.id] = group;
  return all;
};
const gradientCalls = () => seen.networks.reduce((sum, { calls }) => sum + calls.length, 0);
const of = <T extends RunEvent["type"]>(type: T) => events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type);

describe("runPlan", () => {
  it("computes scores, floors and a report, and says so", async () => {
    const toy = cascade();
    const outcome = await run(toy.plan());
    expect(outcome.failed).toEqual([]);
    expect(outcome.status).toBe("done");
    const scores = await scoresOf(outcome);
    const trained = scores["similarity[metric=cosine,explainer=gradient,draw=0,stage=trained]"]!;
    expect(trained.scores.map(({ image, repetition }) => [image, repetition])).toEqual([0, 1, 2, 3, 4].map((i) => [i, 0]));
    for (const { value } of trained.scores) expect(value).toBeCloseTo(1, 6);
    const top = scores["similarity[metric=cosine,explainer=gradient,draw=0,stage=top]"]!;
    for (const { value } of top.scores) expect(Math.abs(value!)).toBeLessThan(0.99);
    const other = scores["similarity[metric=cosine,explainer=gradient,draw=1,stage=top]"]!;
    expect(other.scores[0]!.value).not.toBe(top.scores[0]!.value);
    const floor = scores["floor[metric=cosine,explainer=gradient,draw=0]"]!;
    expect(floor.scores.map(({ image, repetition }) => [image, repetition]).slice(0, 4)).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
    expect(outcome.reports.get("means")!.result.data).toMatchObject({
      dataset: 5,
      model: 3,
      floor: 4,
      explainers: { gradient: { uses: "explainer/gradient", summary: "a test" } },
      maps: [
        [{ explainer: "gradient" }, 5],
        [{ explainer: "gradient-x-input" }, 5],
      ],
    });
    const finished = of("instance-finished").filter(({ hit }) => !hit);
    expect(finished).toHaveLength(outcome.computed);
    expect(outcome.computed).toBe(2 + 12 + 12 + 4 + 1);
    expect(
      of("node-progress")
        .filter(({ done, total }) => done === total)
        .map(({ node }) => node)
        .sort(),
    ).toEqual(["floor", "means", "perturbed", "reference", "similarity"]);
    expect(events.at(-1)).toEqual({ type: "run-finished", status: "done" });
  });

  it("explains the class that the trained network names, unless told otherwise", async () => {
    const toy = new ToyPlan();
    const images = toy.add("digits", "dataset/toy");
    const model = toy.add("model", "model/toy");
    const variant = toy.add("variants", "randomizer/cascade", {
      in: { model },
      axes: { draw: "0", stage: "top" },
      stage: { name: "top", blocks: ["top"] },
    });
    const trained = toy.add("trained", "explainer/gradient", { in: { model, images } });
    const frozen = toy.add("frozen", "explainer/gradient", { in: { model: variant, images } });
    const argmax = toy.add("argmax", "explainer/gradient", { in: { model: variant, images }, target: "argmax" });
    const fixed = toy.add("fixed", "explainer/gradient", { in: { model: variant, images }, target: 2 });
    await run(toy.plan());
    const targets = async (id: string) => {
      const found = await store.readMaps(toy.instances.get(id)!.key);
      return found.state === "found" ? [...found.value.targets] : [];
    };
    expect(await targets(frozen)).toEqual(await targets(trained));
    expect(await targets(fixed)).toEqual([2, 2, 2, 2, 2]);
    expect(await targets(argmax)).not.toEqual(await targets(trained));
  });

  it("computes nothing the second time, and loads no model", async () => {
    const first = await run(cascade().plan());
    Object.assign(seen, { loads: 0, attributed: [], reads: 0 });
    const second = await run(cascade().plan());
    expect([second.status, second.computed, seen.loads, seen.attributed.length]).toEqual(["done", 0, 0, 0]);
    expect(second.hits).toBe(first.computed);
    expect(await scoresOf(second)).toEqual(await scoresOf(first));
    expect(second.reports.get("means")!.result).toEqual(first.reports.get("means")!.result);
    expect(planStates(cascade().plan(), store).filter(({ state }) => state === "run")).toEqual([]);
  });

  it("gives the same bytes from a fresh store, whatever the number of threads", async () => {
    const a = await scoresOf(await run(cascade({ explainers: ["smooth", "noise"] }).plan()));
    const fresh = new Store(mkdtempSync(join(tmpdir(), "assay-run-")));
    const b = await scoresOf(await run(cascade({ explainers: ["smooth", "noise"] }).plan(), { store: fresh }));
    expect(JSON.stringify(b)).toBe(JSON.stringify(a));
    const other = await scoresOf(await run(cascade({ explainers: ["smooth", "noise"], seed: 2 }).plan()));
    expect(JSON.stringify(other)).not.toBe(JSON.stringify(a));
  });

  it("computes what is shared once: a model, a variant, a gradient, an instance with an equal key", async () => {
    await run(cascade({ explainers: ["gradient"] }).plan());
    const alone = gradientCalls();
    expect(seen.loads).toBe(1);
    Object.assign(seen, { loads: 0, networks: [] });
    await run(cascade({ explainers: ["gradient", "gradient-x-input"], seed: 3 }).plan());
    expect(gradientCalls()).toBe(alone);
    expect(seen.networks).toHaveLength(1 + 4);
    const toy = new ToyPlan();
    const images = toy.add("digits", "dataset/toy");
    const model = toy.add("model", "model/toy", { params: { scale: 5 } });
    toy.add("same", "explainer/input", { in: { model, images }, axes: { draw: "0" } });
    toy.add("same", "explainer/input", { in: { model, images }, axes: { draw: "1" } });
    seen.attributed = [];
    const outcome = await run(toy.plan());
    expect(outcome.computed).toBe(2);
    expect(seen.attributed).toHaveLength(3);
  });

  it("releases every network and every tensor", async () => {
    const before = tf.memory().numTensors;
    await run(cascade({ explainers: ["gradient", "smooth", "broken"] }).plan());
    expect(tf.memory().numTensors).toBe(before);
  });

  it("runs again only what a change reaches, and says why", async () => {
    await run(cascade().plan());
    const changed = planStates(cascade({ params: { gradient: { sigma: 0.2 } } }).plan(), store);
    const running = changed.filter(({ state }) => state === "run");
    expect(running.every(({ instance }) => instance.axes["explainer"] !== "gradient-x-input")).toBe(true);
    const reason = (id: string) => changed.find(({ instance }) => instance.id === id)!.reason;
    expect(reason("reference[explainer=gradient]")).toBe("params changed: sigma unset → 0.2");
    expect(reason("similarity[metric=cosine,explainer=gradient,draw=0,stage=top]")).toBe(
      "input a (reference[explainer=gradient]) changed; input b (perturbed[explainer=gradient,draw=0,stage=top]) changed",
    );
    expect(
      planStates(cascade({ draws: ["0", "1", "2"] }).plan(), store).find(
        ({ instance }) => instance.axes["draw"] === "2" && instance.output === "maps",
      )!.reason,
    ).toBe("never computed");
    const toy = cascade();
    const recoded = new ToyPlan();
    for (const [id, instance] of toy.instances) recoded.instances.set(id, instance);
    const old = toy.instances.get("reference[explainer=gradient]")!;
    recoded.instances.set(old.id, { ...old, key: "f".repeat(64), keyParts: { ...old.keyParts, code: "c2" } });
    const entries = planStates(recoded.plan(), store, { only: ["reference"] });
    expect(entries.find(({ instance }) => instance.id === old.id)!.reason).toBe("code of explainer/gradient changed");
  });

  it("does not run what only feeds stored results, and selects by node and axis", async () => {
    const plan = cascade().plan();
    await run(plan);
    await store.gc(0, { mapsOnly: true });
    expect(planStates(plan, store).filter(({ state }) => state === "run")).toEqual([]);
    const fresh = new Store(mkdtempSync(join(tmpdir(), "assay-run-")));
    const outcome = await run(plan, { store: fresh, where: { stage: ["top"], draw: ["1"] } });
    expect(Object.keys(await scoresOf(outcome)).sort()).toEqual(
      ["gradient", "gradient-x-input"].map((explainer) => `similarity[metric=cosine,explainer=${explainer},draw=1,stage=top]`),
    );
    expect(outcome.reports.size).toBe(0);
    expect((await run(plan, { store: new Store(mkdtempSync(join(tmpdir(), "assay-run-"))), only: ["reference"] })).computed).toBe(2);
  });

  it("fails the descendants of a failed instance, and nothing else", async () => {
    const toy = cascade({ explainers: ["gradient", "broken"], metrics: ["cosine", "broken"] });
    const outcome = await run(toy.plan());
    expect(outcome.status).toBe("failed");
    const scores = Object.keys(await scoresOf(outcome));
    expect(scores).toHaveLength(6 + 2);
    expect(scores.every((id) => id.includes("metric=cosine,explainer=gradient"))).toBe(true);
    const reference = of("instance-failed").find(({ instance }) => instance.id === "reference[explainer=broken]")!;
    expect(reference.error.message).toContain("cannot explain");
    expect(reference.skipped).toContain("similarity[metric=broken,explainer=broken,draw=1,stage=top]");
    expect(reference.skipped).toContain("means");
    expect(reference.skipped).not.toContain("perturbed[explainer=broken,draw=1,stage=top]");
    expect(of("instance-failed").some(({ instance }) => instance.id.startsWith("similarity[metric=broken,explainer=gradient"))).toBe(true);
    const mended = await run(cascade({ explainers: ["gradient"] }).plan());
    expect([mended.status, mended.computed]).toEqual(["done", 1]);
  });

  it("names the model that does not load, once, and goes on elsewhere", async () => {
    const toy = cascade({ params: { model: { broken: true } } });
    const images = toy.add("others", "dataset/toy");
    const good = toy.add("good", "model/toy");
    toy.add("extra", "explainer/gradient", { in: { model: good, images } });
    const outcome = await run(toy.plan());
    expect(outcome.failed.map(({ instance }) => instance.id)).toEqual(["model"]);
    expect(outcome.failed[0]!.error).toMatchObject({ code: "INSTANCE-FAILED", exit: 1 });
    expect(outcome.computed).toBe(1);
  });

  it("begins nothing new after a failure when it is not to keep going", async () => {
    const outcome = await run(cascade({ explainers: ["broken", "gradient"] }).plan(), { keepGoing: false });
    expect(outcome.status).toBe("failed");
    expect(outcome.computed).toBe(0);
  });

  it("computes a damaged entry again, with a warning, and trusts none", async () => {
    const plan = cascade().plan();
    const first = await scoresOf(await run(plan));
    const reference = plan.instances.get("reference[explainer=gradient]")!.key;
    const score = plan.instances.get("similarity[metric=cosine,explainer=gradient,draw=0,stage=top]")!.key;
    const npy = join(store.folder, reference.slice(0, 2), reference, "maps.npy");
    const bytes = readFileSync(npy);
    bytes[bytes.length - 2]! ^= 64;
    writeFileSync(npy, bytes);
    const file = join(store.folder, score.slice(0, 2), `${score}.json`);
    writeFileSync(file, readFileSync(file, "utf8").replace(/\d(?=[^\d]*$)/, "9 "));
    const outcome = await run(plan);
    expect(outcome.status).toBe("done");
    expect(of("warning").map(({ message }) => message)).toEqual([
      "The stored result of similarity[metric=cosine,explainer=gradient,draw=0,stage=top] is damaged; it is computed again.",
      "The stored maps of reference[explainer=gradient] are damaged; they are computed again.",
    ]);
    expect(outcome.computed).toBe(2);
    expect(await scoresOf(outcome)).toEqual(first);
  });

  it("stores maps that are not finite, and gives them no score", async () => {
    const outcome = await run(cascade({ explainers: ["infinite"] }).plan());
    expect(outcome.status).toBe("done");
    const scores = Object.values(await scoresOf(outcome)).flatMap((group) => group.scores);
    const undefinedScores = scores.filter(({ value }) => value === null);
    expect(undefinedScores.length).toBeGreaterThan(0);
    expect(undefinedScores.length).toBeLessThan(scores.length);
    expect(new Set(undefinedScores.map(({ reason }) => reason))).toEqual(new Set(["non-finite"]));
  });

  it("gives no score where logits are not finite", async () => {
    const outcome = await run(cascade({ explainers: ["gradient"], params: { model: { scale: 1e39 } } }).plan());
    const scores = await scoresOf(outcome);
    expect(
      scores["similarity[metric=cosine,explainer=gradient,draw=0,stage=trained]"]!.scores.every(({ reason }) => reason === "non-finite"),
    ).toBe(true);
  });

  it("turns a metric's NaN into undefined, with the reason", async () => {
    const scores = await scoresOf(await run(cascade({ explainers: ["gradient"], metrics: ["not-a-number"] }).plan()));
    expect(Object.values(scores)[0]!.scores[0]).toMatchObject({ value: null, reason: "the metric gave a number that is not finite" });
  });

  it("scores on worker threads, and prepares a reference once a thread", async () => {
    const scores = await scoresOf(await run(cascade({ explainers: ["gradient"], metrics: ["thread", "prepared"] }).plan()));
    const values = (metric: string) =>
      Object.entries(scores).flatMap(([id, group]) => (id.includes(`metric=${metric}`) ? group.scores.map(({ value }) => value!) : []));
    expect(values("thread").every((value) => value > 0)).toBe(true);
    expect(new Set(values("thread")).size).toBeGreaterThanOrEqual(1);
    // 6 variants of 5 maps and 2 floors of 10: every perturbed map is prepared, and each of the 5 reference maps at most once a thread.
    expect(Math.max(...values("prepared"))).toBeLessThanOrEqual(30 + 20 + 5);
  });

  it("compares only the foreground where the view says so, and counts ties after the view", async () => {
    const all = await scoresOf(await run(cascade({ explainers: ["input"], metrics: ["cells"] }).plan()));
    const inside = await scoresOf(
      await run(cascade({ explainers: ["input"], metrics: ["cells"], view: { name: "raw", foreground: true } }).plan()),
    );
    const id = "similarity[metric=cells,explainer=input,draw=0,stage=top]";
    expect(all[id]!.scores[0]).toMatchObject({ value: 12 });
    expect(all[id]!.scores[0]!.ties).toBeCloseTo(4 / 12, 6);
    expect(inside[id]!.scores[0]).toMatchObject({ value: 8, ties: 0 });
    expect(inside[id]!.view).toBe("raw+foreground");
  });

  it("compares maps that are shaped like a layer, and has no foreground for them", async () => {
    const whole = await scoresOf(await run(cascade({ explainers: ["rows"], metrics: ["cells"] }).plan()));
    expect(whole["similarity[metric=cells,explainer=rows,draw=0,stage=top]"]!.scores[0]).toMatchObject({ value: 12 });
    const view = { name: "raw", foreground: true } as const;
    const outcome = await run(cascade({ explainers: ["rows"], metrics: ["cells"], view }).plan());
    expect(outcome.status).toBe("failed");
    expect(outcome.failed[0]!.error.code).toBe("METRIC-SIZES");
  });

  it("keeps the store under its limit, but keeps the maps that reports show", async () => {
    const plan = cascade().plan({ maxBytes: 0 });
    await run(plan);
    const { maps, results } = await store.sizes();
    expect([maps.entries, results.entries]).toEqual([2, 17]);
    expect(store.hasMaps(plan.instances.get("reference[explainer=gradient]")!.key)).toBe(true);
  });

  it("stops within a second when it is told to, keeps what is finished, and goes on from there", async () => {
    const plan = cascade({ metrics: ["slow"] }).plan();
    const controller = new AbortController();
    let abortedMs = Infinity;
    const outcome = await run(plan, {
      signal: controller.signal,
      onEvent: (event) => {
        events.push(event);
        if (event.type !== "instance-finished" || event.instance.node !== "similarity" || controller.signal.aborted) return;
        abortedMs = performance.now();
        controller.abort();
      },
    });
    expect(performance.now() - abortedMs).toBeLessThan(1000);
    expect(outcome.status).toBe("interrupted");
    expect(of("run-finished")).toEqual([{ type: "run-finished", status: "interrupted" }]);
    const kept = planStates(plan, store).filter(({ state }) => state === "hit").length;
    expect(kept).toBe(outcome.computed);
    expect(kept).toBeGreaterThan(0);
    expect(readdirSync(join(root, "index"))).toEqual(["toy.json"]);
  });
});

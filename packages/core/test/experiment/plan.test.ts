import { describe, expect, it } from "vitest";
import type { Instance, Plan } from "../../src/index.js";
import { EXAMPLE, plan } from "./fakes.js";

const at = (made: Plan, id: string): Instance => {
  const instance = made.instances.get(id);
  if (!instance) throw new Error(`no instance ${id}; there are ${[...made.instances.keys()].slice(0, 40).join(" ")}`);
  return instance;
};
const inputsOf = (made: Plan, id: string) => Object.fromEntries(at(made, id).inputs.map(({ port, instances }) => [port, instances]));
const countOf = (made: Plan, node: string) => [...made.instances.values()].filter((instance) => instance.node === node).length;

describe("the example of the design", () => {
  it("expands every node to the product of its axes", async () => {
    const made = await plan(EXAMPLE);
    const counts = Object.fromEntries(made.nodes.map((node) => [node, countOf(made, node)]));
    expect(counts).toEqual({
      digits: 1,
      model: 1,
      variants: 15, // 3 draws × (trained + 4 blocks)
      reference: 4,
      perturbed: 60,
      similarity: 180,
      surrogates: 24,
      floor: 72,
      verdicts: 1,
    });
    expect(made.instances.size).toBe(358);
  });

  it("opens with the question", async () => {
    expect((await plan(EXAMPLE)).question).toBe(
      "Which saliency methods notice that an MNIST network is being destroyed, from the output down?",
    );
  });

  it("puts producers before consumers", async () => {
    const made = await plan(EXAMPLE);
    const seen = new Set<string>();
    for (const instance of made.instances.values()) {
      for (const { instances } of instance.inputs) for (const id of instances) expect(seen).toContain(id);
      seen.add(instance.id);
    }
  });

  it("joins on shared axes and broadcasts over the others", async () => {
    const made = await plan(EXAMPLE);
    expect(inputsOf(made, "similarity[metric=ssim,explainer=gradient,draw=1,stage=conv2]")).toEqual({
      a: ["reference[explainer=gradient]"],
      b: ["perturbed[explainer=gradient,draw=1,stage=conv2]"],
    });
    expect(inputsOf(made, "perturbed[explainer=edges,draw=2,stage=fc1]")).toEqual({
      model: ["variants[draw=2,stage=fc1]"],
      images: ["digits"],
    });
  });

  it("picks the last stage for the floor", async () => {
    const made = await plan(EXAMPLE);
    expect(inputsOf(made, "surrogates[chance=crossed,explainer=edges,draw=0]")).toEqual({
      maps: ["perturbed[explainer=edges,draw=0,stage=conv1]"],
    });
    expect(inputsOf(made, "floor[metric=ssim,chance=crossed,explainer=edges,draw=0]")).toEqual({
      a: ["reference[explainer=edges]"],
      b: ["surrogates[chance=crossed,explainer=edges,draw=0]"],
    });
  });

  it("hands a report everything that it collects, in the order of the collected axes", async () => {
    const [scores, floor] = at(await plan(EXAMPLE), "verdicts").inputs;
    expect(scores).toMatchObject({ port: "scores", type: "scores", collected: ["metric", "explainer", "draw", "stage"] });
    expect(scores!.instances).toHaveLength(180);
    expect(scores!.instances.slice(0, 6)).toEqual(
      [
        "draw=0,stage=trained",
        "draw=0,stage=softmax",
        "draw=0,stage=fc1",
        "draw=0,stage=conv2",
        "draw=0,stage=conv1",
        "draw=1,stage=trained",
      ].map((rest) => `similarity[metric=spearman-abs,explainer=gradient,${rest}]`),
    );
    expect(floor!.instances).toHaveLength(72);
  });

  it("lists the stage axis, trained first, as cascading", async () => {
    expect((await plan(EXAMPLE)).axes.get("stage")).toEqual({
      name: "stage",
      values: ["trained", "softmax", "fc1", "conv2", "conv1"],
      order: "cascading",
    });
  });

  it("gives the trained stage the key of the model, in every draw", async () => {
    const made = await plan(EXAMPLE);
    const model = at(made, "model");
    for (const draw of [0, 1, 2]) {
      const trained = at(made, `variants[draw=${draw},stage=trained]`);
      expect(trained).toMatchObject({ key: model.key, keyParts: model.keyParts, stage: { name: "trained", blocks: [] } });
    }
    const keys = [0, 1, 2].map((draw) => at(made, `perturbed[explainer=smoothgrad,draw=${draw},stage=trained]`).key);
    expect(new Set(keys).size).toBe(1);
    expect(at(made, "reference[explainer=smoothgrad]").key).not.toBe(keys[0]); // another noise stream
    expect(new Set([...made.instances.values()].filter(({ node }) => node === "variants").map(({ key }) => key)).size).toBe(13);
  });

  it("keeps views, targets, defaults and filled-in parameters on the instance", async () => {
    const made = await plan(EXAMPLE);
    expect(at(made, "digits").params).toEqual({ split: "test", limit: 16 });
    expect(at(made, "reference[explainer=smoothgrad]")).toMatchObject({ target: "frozen", params: { samples: 25, sigma: 0.15 } });
    expect(at(made, "floor[metric=spearman,chance=permuted,explainer=edges,draw=0]").view).toEqual({ name: "signed" });
  });
});

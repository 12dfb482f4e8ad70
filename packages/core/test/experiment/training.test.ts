import { describe, expect, it } from "vitest";
import { plan, refusal } from "./fakes.js";

const SPEC = `# Does it notice random labels?
assay: 1
name: labels
axes:
  draw: [0, 1]
nodes:
  digits: { uses: dataset/mnist, with: { limit: 4 } }
  training: { uses: dataset/mnist, with: { split: train } }
  architecture: { uses: model/mnist-cnn }
  labels: { uses: randomizer/permute-labels, over: [draw], in: { images: training } }
  model: { uses: trainer/adam, in: { model: architecture, images: training, test: digits } }
  retrained: { uses: trainer/adam, over: [draw, stage], in: { model: architecture, images: labels } }
  reference: { uses: explainer/gradient, target: label, in: { model: model, images: digits } }
  perturbed: { uses: explainer/gradient, target: label, over: [draw, stage], in: { model: retrained, images: digits } }
  similarity: { uses: metric/spearman, over: [draw, stage], in: { a: reference, b: perturbed } }
  verdicts: { uses: report/verdict, in: { scores: { from: similarity, collect: [draw, stage] } } }
`;
const keys = async (spec = SPEC, seed = "1") => {
  const { instances } = await plan(`${spec}seed: ${seed}\n`);
  return (id: string) => instances.get(id)!.key;
};

describe("a plan with trainings", () => {
  it("has a stage of true labels, which is the data set itself, and one of others a share", async () => {
    const made = await plan(
      SPEC.replace("over: [draw], in: { images: training }", "over: [draw], with: { shares: [0.5, 1] }, in: { images: training }"),
    );
    const labels = [...made.instances.values()].filter(({ node }) => node === "labels");
    expect(labels.map(({ axes, output, labels: stage }) => [axes["draw"], output, stage])).toEqual(
      ["0", "1"].flatMap((draw) => [
        [draw, "dataset", { name: "trained", share: 0 }],
        [draw, "dataset", { name: "permuted-0.5", share: 0.5 }],
        [draw, "dataset", { name: "permuted-1", share: 1 }],
      ]),
    );
    expect(labels[0]!.key).toBe(made.instances.get("training")!.key);
    expect(new Set(labels.map(({ key }) => key)).size).toBe(5);
    expect(made.nodeAxes!.get("labels")!.at(-1)).toEqual({
      name: "stage",
      values: ["trained", "permuted-0.5", "permuted-1"],
      order: "graded",
    });
    expect(made.instances.get("retrained[draw=1,stage=permuted-1]")!.inputs).toMatchObject([
      { port: "model", instances: ["architecture"] },
      { port: "images", instances: ["labels[draw=1,stage=permuted-1]"] },
    ]);
  });

  it("trains every network on its own: equal data give twins, not the same network", async () => {
    const key = await keys();
    const trainings = [
      "model",
      ...["0", "1"].flatMap((draw) => ["trained", "permuted-1"].map((stage) => `retrained[draw=${draw},stage=${stage}]`)),
    ];
    expect(new Set(trainings.map(key)).size).toBe(5);
  });

  it("trains again for another seed, rate, architecture or test set, and for nothing else", async () => {
    const before = await keys();
    const changed = async (from: string, to: string) => {
      const after = await keys(SPEC.replace(from, to));
      return ["model", "retrained[draw=0,stage=permuted-1]"].map((id) => after(id) !== before(id));
    };
    expect((await keys(SPEC, "2"))("model")).not.toBe(before("model"));
    expect(await changed("trainer/adam, in", "trainer/adam, with: { rate: 0.1 }, in")).toEqual([true, false]);
    expect(await changed("mnist-cnn", "mnist-mlp")).toEqual([true, true]);
    expect(await changed(", test: digits", "")).toEqual([true, false]);
    expect(await changed("explainer/gradient, target", "explainer/guided-backprop, target")).toEqual([false, false]);
    expect(await changed("draw: [0, 1]", "draw: [1, 0]")).toEqual([false, false]);
  });

  it("knows the blocks of a network that is still to be trained", async () => {
    const made = await plan(`${SPEC}  variants: { uses: randomizer/cascade, in: { model: model }, over: [draw] }\n`);
    expect(made.nodeAxes!.get("variants")!.at(-1)!.values).toEqual(["trained", "softmax", "fc1", "conv2", "conv1"]);
    expect(made.instances.get("variants[draw=0,stage=trained]")!.key).toBe(made.instances.get("model")!.key);
  });
});

describe("a plan with trainings is refused", () => {
  it.each<[string, string, string, string, RegExp]>([
    ["labels of a data set that has none", "SPEC-NO-LABELS", "dataset/mnist, with: { split: train }", "dataset/blank", /have no labels/],
    [
      "a label to explain that nobody knows",
      "SPEC-NO-LABELS",
      "dataset/mnist, with: { limit: 4 }",
      "dataset/blank",
      /no labels to explain/,
    ],
    [
      "images that the model does not take",
      "SPEC-SHAPE",
      "dataset/mnist, with: { split: train }",
      "dataset/folder, with: { folder: . }",
      /not what the model takes/,
    ],
    [
      "a model where labels are to be permuted",
      "SPEC-PORT-TYPE",
      "in: { images: training } }",
      "in: { images: architecture } }",
      /cannot take/,
    ],
    [
      "stages of stages",
      "SPEC-STAGE",
      "in: { images: training } }\n  model",
      "in: { images: labels2 } }\n  labels2: { uses: randomizer/permute-labels, in: { images: training } }\n  model",
      /adds the axis stage itself/,
    ],
  ])("for %s", async (_what, code, from, to, says) => {
    expect(SPEC).toContain(from);
    const errors = await refusal(SPEC.replace(from, to), { files: { "/spec": "" } });
    expect(errors.map(({ facts }) => facts.code)).toContain(code);
    expect(errors.map(String).join("\n")).toMatch(says);
  });

  it("for an axis that mixes randomizers of weights and of labels", async () => {
    const mixed = SPEC.replace(
      "axes:\n",
      "axes:\n  how:\n    a: { uses: randomizer/permute-labels }\n    b: { uses: randomizer/cascade }\n",
    ).replace("labels: { uses: randomizer/permute-labels, over: [draw]", "labels: { uses: { axis: how }, over: [how, draw]");
    const errors = await refusal(mixed);
    expect(errors[0]!.facts).toMatchObject({ code: "SPEC-PORT-TYPE", expected: "randomizer of labels", got: "randomizer of blocks" });
  });
});

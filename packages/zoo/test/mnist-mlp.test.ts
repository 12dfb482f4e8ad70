import { readFileSync } from "node:fs";
import { seedTree, tf } from "@assay/core/plugin";
import { startBackend } from "@assay/network";
import { beforeAll, describe, expect, it } from "vitest";
import { recipeOf } from "../src/building/shipped.js";
import { mnistMlp } from "../src/mnist-mlp.js";
import { testAccuracy } from "./accuracy.js";

const context = { services: [] };
beforeAll(async () => {
  await startBackend("tensorflow");
});

describe("model/mnist-mlp", () => {
  it("is the paper's architecture, with the paper's blocks from the output down", async () => {
    const facts = await mnistMlp.describe({}, context);
    expect(facts.inputShape).toEqual([28, 28, 1]);
    expect(facts.classes).toBe(10);
    expect(facts.blocks).toEqual(["logits", "hidden3", "hidden2", "hidden1"]);
    expect(facts.convolution).toBeUndefined();
    const shapes = Object.fromEntries(facts.layers.map(({ name, shape }) => [name, shape]));
    expect(shapes).toMatchObject({ hidden1: [2500], hidden2: [1500], hidden3: [500], logits: [10] });
  });

  it("names the paper's initializers, which the redraw uses", () => {
    const text = readFileSync(new URL("../models/mnist-mlp/model.json", import.meta.url), "utf8");
    const { modelTopology } = JSON.parse(text) as { modelTopology: { config: { layers: { config: Record<string, unknown> }[] } } };
    const drawn = modelTopology.config.layers.filter(({ config }) => "kernel_initializer" in config);
    expect(drawn).toHaveLength(4);
    for (const [i, fanIn] of [784, 2500, 1500, 500].entries()) {
      expect(drawn[i]!.config).toMatchObject({
        kernel_initializer: {
          class_name: "TruncatedNormal",
          config: { mean: 0, stddev: expect.closeTo(2 / Math.sqrt(fanIn), 12) as number },
        },
        bias_initializer: { class_name: "Constant", config: { value: 0 } },
      });
    }
  });

  it.each([
    ["", {}],
    ["-twin", { twin: true }],
  ])("mnist-mlp%s is right on at least 97.5 %% of the 10,000 test images, as its recipe says", async (suffix, choice) => {
    const network = await mnistMlp.load(choice, context);
    const accuracy = await testAccuracy(network);
    network.dispose();
    expect(accuracy).toBeGreaterThanOrEqual(0.975);
    expect(Math.abs(accuracy - (await recipeOf(`mnist-mlp${suffix}`)).testAccuracy)).toBeLessThanOrEqual(0.0005);
  });

  it("has a twin of the same layers and recipe, with other weights from another seed", async () => {
    const [one, other] = [await mnistMlp.describe({}, context), await mnistMlp.describe({ twin: true }, context)];
    expect({ ...other, digest: "" }).toEqual({ ...one, digest: "" });
    expect(other.digest).not.toBe(one.digest);
    const [recipe, again] = [await recipeOf("mnist-mlp"), await recipeOf("mnist-mlp-twin")];
    expect(again.recipe).toEqual(recipe.recipe);
    expect(again.seed).not.toBe(recipe.seed);
  });

  it("falls to chance when every block is redrawn", async () => {
    const trained = await mnistMlp.load({}, context);
    const random = trained.redraw(trained.facts.blocks, "initializer", seedTree(0));
    const accuracy = await testAccuracy(random);
    random.dispose();
    trained.dispose();
    expect(accuracy).toBeLessThan(0.3);
  });

  it("leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    (await mnistMlp.load({}, context)).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

import { readFileSync } from "node:fs";
import { seedTree, tf } from "@assay/core/plugin";
import { startBackend } from "@assay/network";
import { beforeAll, describe, expect, it } from "vitest";
import { recipeOf } from "../src/building/shipped.js";
import { mnistCnn } from "../src/mnist-cnn.js";
import { testAccuracy } from "./accuracy.js";

const context = { services: [] };
beforeAll(async () => {
  await startBackend("tensorflow");
});

describe("model/mnist-cnn", () => {
  it("is the paper's architecture, with the paper's blocks from the output down", async () => {
    const facts = await mnistCnn.describe({}, context);
    expect(facts.inputShape).toEqual([28, 28, 1]);
    expect(facts.classes).toBe(10);
    expect(facts.blocks).toEqual(["softmax", "fc1", "conv2", "conv1"]);
    expect(facts.convolution).toBe("conv2_relu");
    const shapes = Object.fromEntries(facts.layers.map(({ name, shape }) => [name, shape]));
    expect(shapes).toMatchObject({
      conv1: [28, 28, 32],
      pool1: [14, 14, 32],
      conv2_relu: [14, 14, 64],
      pool2: [7, 7, 64],
      fc1: [1024],
      softmax: [10],
    });
  });

  it("says how many multiplications an image takes, from which the cost of a training is reckoned", async () => {
    const { multiplications } = await mnistCnn.describe({}, context);
    expect(multiplications).toBe(28 * 28 * 25 * 32 + 14 * 14 * 25 * 32 * 64 + 3136 * 1024 + 1024 * 10);
  });

  it("names the paper's initializers, which the redraw uses", () => {
    const text = readFileSync(new URL("../models/mnist-cnn/model.json", import.meta.url), "utf8");
    const { modelTopology } = JSON.parse(text) as { modelTopology: { config: { layers: { config: Record<string, unknown> }[] } } };
    const drawn = modelTopology.config.layers.filter(({ config }) => "kernel_initializer" in config);
    expect(drawn).toHaveLength(4);
    for (const { config } of drawn) {
      expect(config).toMatchObject({
        kernel_initializer: { class_name: "TruncatedNormal", config: { mean: 0, stddev: 0.1 } },
        bias_initializer: { class_name: "Constant", config: { value: 0.1 } },
      });
    }
  });

  it.each([
    ["", {}],
    ["-twin", { twin: true }],
  ])("mnist-cnn%s is right on at least 99.0 %% of the 10,000 test images, as its recipe says", async (suffix, choice) => {
    const network = await mnistCnn.load(choice, context);
    const accuracy = await testAccuracy(network);
    network.dispose();
    expect(accuracy).toBeGreaterThanOrEqual(0.99);
    expect(Math.abs(accuracy - (await recipeOf(`mnist-cnn${suffix}`)).testAccuracy)).toBeLessThanOrEqual(0.0005);
  });

  it("has a twin of the same layers and recipe, with other weights from another seed", async () => {
    const [one, other] = [await mnistCnn.describe({}, context), await mnistCnn.describe({ twin: true }, context)];
    expect({ ...other, digest: "" }).toEqual({ ...one, digest: "" });
    expect(other.digest).not.toBe(one.digest);
    const [recipe, again] = [await recipeOf("mnist-cnn"), await recipeOf("mnist-cnn-twin")];
    expect(again.recipe).toEqual(recipe.recipe);
    expect(again.seed).not.toBe(recipe.seed);
  });

  it("falls to chance when every block is redrawn", async () => {
    const trained = await mnistCnn.load({}, context);
    const random = trained.redraw(trained.facts.blocks, "initializer", seedTree(0));
    const accuracy = await testAccuracy(random);
    random.dispose();
    trained.dispose();
    expect(accuracy).toBeLessThan(0.3);
  });

  it("leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    (await mnistCnn.load({}, context)).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

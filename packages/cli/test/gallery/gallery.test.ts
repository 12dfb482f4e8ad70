import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EXPERIMENTS } from "./experiment.js";
import { isSlow, specs, tablesOf } from "./gallery.js";

describe("the gallery", () => {
  it("has the experiments that the README names", () => {
    expect(specs).toEqual([
      "cosine-convergence.yaml",
      "data-randomization.yaml",
      "efficient-mprt.yaml",
      "imagenet-cascade.yaml",
      "inception-cascade.yaml",
      "input-invariance.yaml",
      "label-noise.yaml",
      "mlp-cascade.yaml",
      "mnist-bottom-up.yaml",
      "mnist-cascade.yaml",
      "mnist-independent.yaml",
      "mnist-random-random.yaml",
      "mnist-twin.yaml",
      "paper/cascade-fashion-cnn.yaml",
      "paper/cascade-fashion-mlp.yaml",
      "paper/cascade-mnist-cnn.yaml",
      "paper/cascade-mnist-mlp.yaml",
      "paper/figure-2.yaml",
      "paper/independent-mnist-cnn.yaml",
      "paper/labels-fashion-cnn.yaml",
      "paper/labels-fashion-mlp.yaml",
      "paper/labels-mnist-cnn.yaml",
      "paper/labels-mnist-mlp.yaml",
      "paper/mlp-long.yaml",
      "paper/mlp-narrow.yaml",
      "paper/mlp-table.yaml",
      "random-logit.yaml",
      "smooth-mprt.yaml",
      "theory/linear.yaml",
      "theory/sum-pool.yaml",
    ]);
  });

  it.each(specs)("%s opens with the question it asks and fits in 60 lines", (file) => {
    const lines = readFileSync(join(EXPERIMENTS, file), "utf8").trimEnd().split("\n");
    expect(lines[0]).toMatch(/^# .+\?$/);
    expect(lines.length).toBeLessThanOrEqual(60);
  });

  it("has an MLP whose initializers are half as wide as the shipped one's, and nothing else is other", () => {
    const read = (file: string) =>
      JSON.parse(readFileSync(file, "utf8")) as { modelTopology: object; weightsManifest: [{ weights: object }] };
    const narrow = read(join(EXPERIMENTS, "paper/mlp-narrow.json"));
    const shipped = read(join(EXPERIMENTS, "../packages/zoo/models/mnist-mlp/model.json"));
    const half = JSON.stringify(shipped.modelTopology, (key, value: unknown) => (key === "stddev" ? Number(value) / 2 : value));
    expect(narrow.modelTopology).toEqual(JSON.parse(half));
    expect(narrow.weightsManifest[0].weights).toEqual(shipped.weightsManifest[0].weights);
  });

  tablesOf(specs.filter((file) => !isSlow(file)));
});

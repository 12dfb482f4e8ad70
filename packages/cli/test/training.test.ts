import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { trainsOnAfterKills } from "./training.js";
import { Workplace } from "./workplace.js";

trainsOnAfterKills(1);

describe("a spec with a training", () => {
  it("is refused with exit 3 where no native library computes, before anything starts", async () => {
    const place = new Workplace();
    place.write(
      "spec.yaml",
      `# Can it learn?
assay: 1
name: learn
nodes:
  training: { uses: dataset/mnist, with: { split: train, limit: 50 } }
  architecture: { uses: model/mnist-cnn }
  model: { uses: trainer/adam, with: { epochs: 1 }, in: { model: architecture, images: training } }
`,
    );
    const planned = await place.start("plan", "spec.yaml", "--backend", "wasm").ended;
    expect(planned.out).toContain("1 network to train, 1 epoch at most: up to about 1 min on two cores");
    const { code, out, err } = await place.start("run", "spec.yaml", "--backend", "wasm").ended;
    expect(code).toBe(3);
    expect(err).toContain("TRAINING-BACKEND model: trainer/adam cannot train on this backend; expected tensorflow, got wasm");
    expect(out).toBe("");
    expect(readdirSync(place.folder)).toEqual(["spec.yaml"]);
  });
});

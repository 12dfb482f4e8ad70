import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeNpy } from "@assay/core";
import { describe, expect, it } from "vitest";
import { goldenModels, type GoldenCase, type GoldenModel } from "./golden.js";
import { Workplace } from "./workplace.js";

const place = new Workplace();

const command = (golden: GoldenModel, { explainer, params }: Omit<GoldenCase, "array" | "model">, backend: string): string[] => [
  ...["explain", "--backend", backend, "--model", join(golden.folder, "model.json"), "--explainer", explainer],
  ...["--with", JSON.stringify(params), "--input", golden.file("input"), "--out", "map.npy"],
];

describe.each(["tensorflow", "wasm"])("assay explain on %s agrees with the independent libraries", (backend) => {
  describe.each(goldenModels.map((golden) => [golden.name, golden] as const))("%s", (_, golden) => {
    it.each(golden.cases().map((asked) => [asked.array, asked] as const))("%s", async (array, asked) => {
      const { code, err } = await place.assay(...command(golden, asked, backend));
      expect(code, err).toBe(0);
      golden.expectAgrees(readFileSync(place.path("map.npy")), array);
    });
  });
});

describe("assay explain", () => {
  const cnn = goldenModels.find(({ name }) => name === "cnn")!;
  const read = () => decodeNpy(readFileSync(place.path("map.npy")), "map.npy");

  it("says what it wrote, in a process of its own", async () => {
    const { code, out, err } = await place.start(...command(cnn, { explainer: "gradient", params: {} }, "auto")).ended;
    expect(code, err).toBe(0);
    expect(out).toMatch(/^map\.npy: \[3, 28, 28, 1\], class \d, \d, \d\n$/);
    cnn.expectAgrees(readFileSync(place.path("map.npy")), "gradient");
  });

  it("gives the gradient itself where SmoothGrad adds no noise, and no variance", async () => {
    await place.assay(...command(cnn, { explainer: "smoothgrad", params: { sigma: 0, samples: 3 } }, "auto"));
    cnn.expectAgrees(readFileSync(place.path("map.npy")), "gradient");
    await place.assay(...command(cnn, { explainer: "vargrad", params: { sigma: 0, samples: 3 } }, "auto"));
    expect(Math.max(...read().values)).toBeLessThan(1e-9);
  });

  it.each(["guided", "deconvnet"])("passes ReLUs as --rule %s says", async (rule) => {
    const { code, err } = await place.assay(...command(cnn, { explainer: "gradient", params: {} }, "auto"), "--rule", rule);
    expect(code, err).toBe(0);
    cnn.expectAgrees(readFileSync(place.path("map.npy")), rule === "guided" ? "guided-backprop" : "deconvnet");
  });

  it("writes a PNG that a person can look at", async () => {
    const { code, err } = await place.assay(
      ...["explain", "--model", "mnist-cnn", "--explainer", "gradient", "--input", cnn.file("input")],
      ...["--view", "absolute", "--out", "maps/seven.png"],
    );
    expect(code, err).toBe(0);
    expect(readFileSync(place.path("maps/seven.png")).subarray(1, 4).toString()).toBe("PNG");
  });
});

import { seedTree, type ReportInputs, type ScoreGroup } from "@assay/core/plugin";
import { describe, expect, it } from "vitest";
import { curves, means, verdict } from "../src/index.js";

const inputs = (symmetric?: false): ReportInputs => {
  const group = (stage: string): ScoreGroup => ({
    axes: { explainer: "gradient", stage },
    metric: { name: "rise", range: [-1, Infinity], params: {}, ...(symmetric === false && { symmetric }) },
    view: "raw",
    scores: [0, 1].map((image) => ({ image, repetition: 0, value: 0.1, ties: 0, target: 0 })),
  });
  const axes = [{ name: "explainer", values: ["gradient"] }, { name: "stage", values: ["trained", "fc1"], order: "cascading" as const }]; // prettier-ignore
  const scores = { axes, groups: [group("trained"), group("fc1")], explainers: {} };
  return { scores: { scores }, maps: {}, datasets: {}, models: {} };
};
const context = () => ({ services: [], random: seedTree(0) });

describe("scores of a change between maps", () => {
  it("are refused where they would be read as likeness", async () => {
    for (const build of [
      async () => verdict.build(inputs(false), { threshold: 0.5 }, context()),
      async () => curves.build(inputs(false), {}, context()),
    ])
      await expect(build()).rejects.toMatchObject({ code: "REPORT-LIKENESS" });
  });

  it("have means like any other, and likeness is judged as before", async () => {
    await expect(means.build(inputs(false), { over: "draw" }, context())).resolves.toBeDefined();
    await expect(verdict.build(inputs(), { threshold: 0.5 }, context())).resolves.toBeDefined();
  });
});

import type { VerdictReport } from "@assay/report";
import { beforeAll, describe, expect, it } from "vitest";
import { curve, rowOf } from "./experiment.js";

const LIKE_THE_INPUT = ["integrated-gradients", "gradient-x-input"];
const CONTROLS = ["edge-detector", "uniform-noise"];

/** What must come out of a cascade from the output down, whatever the network (SCIENCE: orderings and controls). */
export function orderings(title: string, run: () => Promise<VerdictReport>): void {
  describe(title, () => {
    let report: VerdictReport;
    beforeAll(async () => {
      report = await run();
    }, 1_200_000);
    const absolute = (method: string) => curve(report, method, "spearman-abs");
    const signed = (method: string) => curve(report, method, "spearman");

    it("keeps guided backpropagation more alike than the gradient at every stage", () => {
      for (const curves of [absolute, signed]) {
        const gradient = curves("gradient");
        curves("guided-backprop").forEach((score, k) => expect(score, report.stages[k]).toBeGreaterThan(gradient[k]!));
      }
    });

    it.each(LIKE_THE_INPUT)("keeps absolute maps of %s at .98 or more at every stage, and no sign of them", (method) => {
      absolute(method).forEach((score, k) => expect(score, report.stages[k]).toBeGreaterThanOrEqual(0.98));
      signed(method).forEach((score, k) => expect(Math.abs(score), report.stages[k]).toBeLessThan(0.1));
    });

    it("gives integrated gradients and gradient-x-input the same absolute curve within .005", () => {
      const other = absolute("gradient-x-input");
      absolute("integrated-gradients").forEach((score, k) => expect(Math.abs(score - other[k]!), report.stages[k]).toBeLessThan(0.005));
    });

    it.each(["gradient", "smoothgrad"])("leaves %s under .25 when all is random", (method) => {
      expect(absolute(method).at(-1)).toBeLessThanOrEqual(0.25);
    });

    it("cannot judge integrated gradients and gradient-x-input by absolute Spearman", () => {
      for (const method of LIKE_THE_INPUT)
        expect(rowOf(report, method, "spearman-abs")).toMatchObject({ verdict: "uninformative", informative: false });
    });

    it("finds the edge detector insensitive and the noise sensitive, by every metric that informs", () => {
      const said = (method: string) =>
        report.metrics.filter((row) => row.method === method && row.informative).map(({ verdict }) => verdict);
      expect(new Set(said("edge-detector"))).toEqual(new Set(["insensitive"]));
      expect(new Set(said("uniform-noise"))).toEqual(new Set(["sensitive"]));
    });

    it("gives maps that are never negative (Grad-CAM, edges, noise) the same score whether absolute or signed", () => {
      const methods = [...CONTROLS, "grad-cam"].filter((method) => report.methods.some((row) => row.method === method));
      expect(methods).not.toHaveLength(0);
      for (const method of methods) expect(signed(method), method).toEqual(absolute(method));
    });
  });
}

/**
 * Guided backpropagation keeps the most of its maps at fc1, by every metric that informs: known of the main job's CNN.
 * On the MLP, smoothed integrated gradients keep more by HOG, which sees the digit's outline that their factor x leaves.
 */
export function guidedKeepsMost(title: string, run: () => Promise<VerdictReport>): void {
  it(`${title} keeps the largest κ for guided backpropagation at fc1`, { timeout: 1_200_000 }, async () => {
    const report = await run();
    const at = (method: string, metric: string) => rowOf(report, method, metric).stages.find(({ stage }) => stage === "fc1")!;
    const informing = report.metrics.filter(({ method, informative }) => informative && !CONTROLS.includes(method));
    expect(informing.length).toBeGreaterThan(10);
    for (const { method, metric } of informing.filter((row) => row.method !== "guided-backprop"))
      expect(at(method, metric).kappa, `${method} by ${metric}`).toBeLessThan(at("guided-backprop", metric).kappa!);
  });
}

/** What the controls are known to be, of a run large enough for claims over all methods. */
export function knownControls(title: string, run: () => Promise<VerdictReport>): void {
  it(`${title} calls the edge detector insensitive and the noise sensitive`, { timeout: 1_200_000 }, async () => {
    const { methods } = await run();
    const verdicts = Object.fromEntries(methods.map(({ method, verdict }) => [method, verdict]));
    expect(verdicts).toMatchObject({ "edge-detector": "insensitive", "uniform-noise": "sensitive" });
  });
}

/** One run that several suites look at. */
export function once<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => (running ??= run());
}

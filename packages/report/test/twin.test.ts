import { seedTree, type ScoreGroup } from "@assay/core/plugin";
import { describe, expect, it } from "vitest";
import type { TwinInput } from "../src/statistics/arrange.js";
import { evaluate } from "../src/statistics/evaluate.js";
import type { Limits } from "../src/statistics/judge.js";
import { verdict } from "../src/verdict.js";
import { verdictTable } from "../src/html/verdict-table.js";
import { madeScores, type Made } from "./made-scores.js";

const limits: Limits = { threshold: 0.5, margin: 0.15, undefinedLimit: 0.1 };
const base: Made = {
  explainers: { gradient: { uses: "explainer/gradient", summary: "" } },
  metrics: { "ssim-abs": { uses: "ssim", view: "absolute" } },
  stages: ["fc1", "conv1"],
  draws: 5,
  images: 8,
  score: () => 1,
  floor: () => 0.1,
};
const wobble = (image: number, draw: number): number => 0.02 * (((image * 7 + draw * 3) % 5) - 2);
/** κ as a score over a floor of .1. */
const at = (kappa: number, image = 0, draw = 0): number => 0.1 + 0.9 * (kappa + wobble(image, draw));

/** Scores of a second network, trained once: no draw, no stage. */
function retrained(made: Made): TwinInput {
  const { scores, floor } = madeScores({ ...made, stages: ["again"], draws: 1 });
  const bare = (groups: readonly ScoreGroup[]): ScoreGroup[] =>
    groups
      .filter(({ axes }) => axes["stage"] !== "trained")
      .map(({ axes: { draw: _draw, stage: _stage, ...axes }, ...group }) => ({ ...group, axes }));
  return { scores: { ...scores, groups: bare(scores.groups) }, floor: { ...floor, groups: bare(floor.groups) } };
}

/** One network is destroyed to κ at each stage, another trained again to `twin`; floors of .1 and `twinFloor`. */
function judged(kappas: readonly number[], twin: number, more: Partial<Made> = {}, twinFloor = 0.1) {
  const made = { ...base, stages: kappas.map((_, i) => base.stages[i] ?? `stage${i}`), ...more };
  const { scores, floor } = madeScores({
    ...made,
    score: ({ stage, image, draw }) => (stage === 0 ? 1 : at(kappas[stage - 1]!, image, draw)),
  });
  const again = retrained({
    ...made,
    score: ({ image }) => twinFloor + (1 - twinFloor) * (twin + wobble(image, 0)),
    floor: () => twinFloor,
  });
  const report = evaluate({ scores, floor, twin: again }, limits);
  return { report, method: report.methods[0]!, metric: report.metrics[0]! };
}

describe("a verdict with a twin", () => {
  it("rests on ρ = κ/κ_twin, and tells both with κ_twin", () => {
    const { report, method, metric } = judged([0.2, 0.12], 0.4);
    expect(report.restsOn).toBe("rho");
    expect(metric.twin!.kappa).toBeCloseTo(0.4, 12);
    const last = metric.stages[2]!;
    expect(last.rho!).toBeCloseTo(last.kappa! / metric.twin!.kappa!, 12);
    expect(last.rhoLow!).toBeLessThan(last.rho!);
    expect(last.rhoHigh!).toBeGreaterThan(last.rho!);
    expect(method).toMatchObject({ rho: expect.any(Number) as number, twinKappa: metric.twin!.kappa });
    expect(metric.stages[0]).toMatchObject({ rho: null, excessLow: null });
  });

  it("says sensitive where κ alone would have said insensitive, since it falls far below what retraining keeps, and the other way round", () => {
    expect(judged([0.55, 0.55], 1).metric.verdict).not.toBe("sensitive");
    expect(judged([0.2, 0.2], 0.9).method.verdict).toBe("sensitive");
    expect(judged([0.3, 0.3], 0.35).method).toMatchObject({ verdict: "insensitive" });
    expect(judged([0.3, 0.3], 0.35).method.reason).toBe("ρ stays above 0.50 even at conv1");
    expect(judged([0.3, 0.05], 0.35).method).toMatchObject({ verdict: "late", stage: "fc1" });
  });

  it("corrects the twin by its own floor", () => {
    const { metric } = judged([0.2, 0.2], 0.5, {}, 0.4);
    expect(metric.twin!.floor).toBeCloseTo(0.4, 12);
    expect(metric.twin!.score).toBeCloseTo(0.4 + 0.6 * (metric.twin!.kappa ?? 0), 12);
    expect(metric.twin!.kappa).toBeCloseTo(0.5, 1);
  });

  it("finds a method irreproducible whose maps retraining alone destroys", () => {
    const { method, metric } = judged([0.01, 0], 0.05);
    expect(metric.verdict).toBe("irreproducible");
    expect(metric.informative).toBe(true);
    expect(method).toMatchObject({ verdict: "irreproducible", metric: "ssim-abs" });
    expect(method.reason).toContain("retraining alone destroys these maps");
  });

  it("asks the metrics that can judge, where one cannot", () => {
    const metrics = { "ssim-abs": { uses: "ssim", view: "absolute" }, spearman: { uses: "spearman", view: "signed" } };
    const { scores, floor } = madeScores({ ...base, metrics, score: ({ image, draw }) => at(0.1, image, draw) });
    const again = retrained({
      ...base,
      metrics,
      score: ({ metric, image }) => at(metric === "spearman" ? 0.02 : 0.8, image),
    });
    const report = evaluate({ scores, floor, twin: again }, limits);
    expect(report.metrics.map((row) => row.verdict)).toEqual(["sensitive", "irreproducible"]);
    expect(report.methods[0]).toMatchObject({ verdict: "sensitive", metric: "ssim-abs" });
  });

  it("is uninformative where the twin's own chance leaves no room", () => {
    expect(judged([0.2, 0.2], 0.5, {}, 0.9).metric).toMatchObject({ verdict: "uninformative" });
  });

  it("decides by κ − t·κ_twin, so that a κ_twin near zero makes no verdict out of a wild ratio", () => {
    // κ_twin is about .15 ± .1: its upper bound is over .2, and its lower one near zero.
    const wild = (image: number): number => 0.15 + 0.35 * (((image * 5) % 8) / 7 - 0.5);
    const { scores, floor } = madeScores({ ...base, score: ({ image, draw }) => at(0.09, image, draw) });
    const again = retrained({ ...base, score: ({ image }) => 0.1 + 0.9 * wild(image) });
    const { metrics } = evaluate({ scores, floor, twin: again }, limits);
    expect(metrics[0]!.twin!.kappaHigh!).toBeGreaterThan(0.2);
    expect(metrics[0]!.verdict).toBe("inconclusive");
  });

  it("weighs an image in both networks at once: an image that is alike in both says nothing", () => {
    // κ = κ_twin image by image: ρ is 1 whatever the images.
    const level = (image: number): number => 0.3 + 0.4 * (image / 7);
    const { scores, floor } = madeScores({ ...base, score: ({ image }) => 0.1 + 0.9 * level(image) });
    const again = retrained({ ...base, score: ({ image }) => 0.1 + 0.9 * level(image) });
    const { metrics } = evaluate({ scores, floor, twin: again }, limits);
    const last = metrics[0]!.stages.at(-1)!;
    expect(last.rhoLow!).toBeCloseTo(1, 12);
    expect(last.rhoHigh!).toBeCloseTo(1, 12);
    expect(last.kappaHigh! - last.kappaLow!).toBeGreaterThan(0.1);
  });

  it("is told on the page in words", () => {
    const page = verdictTable(judged([0.2, 0.2], 0.9).report).text;
    expect(page).toContain("The verdicts rest on ρ");
    expect(page).toContain("of retraining 0.90");
  });

  it("needs scores and floor of the twin together", () => {
    const { scores, floor } = madeScores(base);
    const inputs = { scores: { scores, floor, twin: scores }, maps: {}, datasets: {}, models: {} };
    const params = { threshold: 0.5 };
    expect(() => verdict.build(inputs, params, { random: seedTree(1), services: [] })).toThrow(/`twin-floor` is missing/);
  });
});

describe("a verdict without a twin", () => {
  it("rests on κ, and says so", () => {
    const { scores, floor } = madeScores(base);
    const report = evaluate({ scores, floor }, limits);
    expect(report.restsOn).toBe("kappa");
    expect(report.metrics[0]!.twin).toBeNull();
    expect(verdictTable(report).text).toContain("the verdicts rest on κ alone");
  });
});

describe("stages that are doses", () => {
  it("are judged at the last one: what holds at half the dose is not late", () => {
    const { metric, report } = judged([0.9, 0.8, 0.6, 0.1], 0.9, { order: "graded", stages: ["25", "50", "75", "100"] });
    expect(report).toMatchObject({ order: "graded", middleStage: "100", finalStage: "100" });
    expect(metric).toMatchObject({ verdict: "sensitive", reason: "ρ is below 0.50 at 100", firstBelow: "100" });
  });

  it("are insensitive where the last dose changes nothing", () => {
    expect(judged([0.9, 0.9], 0.95, { order: "graded" }).metric).toMatchObject({
      verdict: "insensitive",
      reason: "ρ stays above 0.50 at conv1",
    });
  });
});

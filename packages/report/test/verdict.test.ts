import { seedTree } from "@assay/core/plugin";
import { describe, expect, it } from "vitest";
import { verdictTable } from "../src/html/verdict-table.js";
import { evaluate } from "../src/statistics/evaluate.js";
import type { Limits } from "../src/statistics/judge.js";
import { verdict } from "../src/verdict.js";
import { madeScores, type Made } from "./made-scores.js";

const limits: Limits = { threshold: 0.5, margin: 0.15, undefinedLimit: 0.1 };
const spatial = { "ssim-abs": { uses: "ssim", view: "absolute" } };
const spearmanAbsolute = { "spearman-abs": { uses: "spearman", view: "absolute" } };
const base: Made = {
  explainers: { gradient: { uses: "explainer/gradient", summary: "" } },
  metrics: spatial,
  stages: ["softmax", "fc1", "conv2", "conv1"],
  draws: 5,
  images: 8,
  score: () => 1,
  floor: () => 0.1,
};
const judged = (made: Partial<Made>) => {
  const { scores, floor } = madeScores({ ...base, ...made });
  const report = evaluate({ scores, floor }, limits);
  return { report, method: report.methods[0]!, metric: report.metrics[0]! };
};
const wobble = (image: number, draw: number): number => 0.02 * (((image * 7 + draw * 3) % 5) - 2);

describe("verdict", () => {
  it("calls identical maps insensitive, with κ exactly 1", () => {
    const { method, metric } = judged({ score: () => 1 });
    expect(method).toMatchObject({ verdict: "insensitive", kappa: 1, kappaLow: 1, kappaHigh: 1, stage: "conv1", metric: "ssim-abs" });
    expect(metric.stages[0]).toMatchObject({ stage: "trained", index: 0, score: 1, kappa: null });
  });

  it("calls maps at the level of chance sensitive, with κ about 0", () => {
    const { method, metric } = judged({
      score: ({ image, draw }) => 0.1 + wobble(image, draw),
      floor: (_, { image, draw }) => 0.1 + wobble(image, draw),
    });
    expect(method.verdict).toBe("sensitive");
    expect(metric.stages[4]?.kappa).toBeCloseTo(0, 12);
  });

  it("corrects for chance: (.55 − .1)/(1 − .1) is a half", () => {
    expect(judged({ score: () => 0.55 }).metric.stages[4]?.kappa).toBeCloseTo(0.5, 12);
  });

  it("takes the larger null as the floor and names it", () => {
    const { metric } = judged({ floor: (name) => (name === "crossed" ? 0.3 : 0.2) });
    expect(metric).toMatchObject({ floorFrom: "crossed", informative: true });
    expect(metric.floor).toBeCloseTo(0.3, 12);
    expect(metric.nulls["permuted"]).toBeCloseTo(0.2, 12);
  });

  it("finds a metric uninformative where chance alone gives .98, and then decides nothing", () => {
    const { method, metric } = judged({ score: () => 0.99, floor: () => 0.98 });
    expect(metric).toMatchObject({ verdict: "uninformative", informative: false });
    expect(method).toMatchObject({ verdict: "inconclusive", metric: null, kappa: null });
    expect(method.reason).toContain("no metric is informative");
  });

  it("draws the line of informative at 1 − f = .15", () => {
    expect(judged({ floor: () => 0.849 }).metric.informative).toBe(true);
    expect(judged({ floor: () => 0.851 }).metric.informative).toBe(false);
  });

  it("calls a method late that holds at stage ⌈K/2⌉ and falls by stage K", () => {
    const { method, metric, report } = judged({
      score: ({ stage, image, draw }) => [1, 0.95, 0.9, 0.5, 0.15][stage]! + wobble(image, draw),
    });
    expect(report).toMatchObject({ middleStage: "fc1", finalStage: "conv1" });
    expect(method).toMatchObject({ verdict: "late", stage: "fc1", finalStage: "conv1" });
    expect(metric).toMatchObject({ firstBelow: "conv2" });
  });

  it("reads the middle of three stages as the second", () => {
    expect(judged({ stages: ["a", "b", "c"] }).report.middleStage).toBe("b");
  });

  it("is inconclusive where the interval reaches across the threshold", () => {
    const { method } = judged({ score: ({ draw }) => (draw % 2 === 0 ? 0.9 : 0.2) });
    expect(method.verdict).toBe("inconclusive");
    expect(method.reason).toContain("reaches across 0.50");
  });

  it("counts undefined scores, leaves them out, and bears 10 % of them but no more", () => {
    const some = (missing: number) => judged({ images: 40, draws: 5, score: ({ image }) => (image < missing ? null : 1) });
    expect(some(4).method).toMatchObject({ verdict: "insensitive", undefinedScores: 80, scores: 800, kappa: 1 });
    expect(some(5).method.verdict).toBe("inconclusive");
    expect(some(5).metric.reason).toContain("of the scores are undefined");
  });

  it("does not decide on a stage whose own scores are mostly undefined, and names it", () => {
    const { metric, method } = judged({
      stages: Array.from({ length: 17 }, (_, i) => `b${i}`),
      score: ({ stage, image }) => (stage === 17 && image > 3 ? null : 0.1),
    });
    expect(metric.verdict).toBe("inconclusive");
    expect(metric.reason).toBe("50 % of the scores at b16 are undefined, half or more");
    expect(method.reason).toBe(metric.reason);
  });

  it("does not decide where the floor is mostly undefined, and says that it is the floor", () => {
    const { metric } = judged({ floor: (_, { image }) => (image < 4 ? null : 0.1) });
    expect(metric).toMatchObject({ verdict: "inconclusive", reason: "50 % of the scores in the floor are undefined, half or more" });
  });

  it("leaves out a few undefined scores at the stage that decides, and counts them", () => {
    const { metric } = judged({ images: 10, score: ({ stage, image }) => (stage === 4 && image < 3 ? null : 0.12) });
    expect(metric).toMatchObject({ verdict: "sensitive", undefinedScores: 15, scores: 200 });
  });

  it("bears undefined scores at a stage that decides nothing", () => {
    const { metric } = judged({ images: 10, score: ({ stage, image }) => (stage === 3 && image < 3 ? null : 0.12) });
    expect(metric).toMatchObject({ verdict: "sensitive", undefinedScores: 15, scores: 200 });
  });

  it("gives no verdict without a floor, and says so", () => {
    const { scores } = madeScores(base);
    const report = evaluate({ scores }, limits);
    expect(report.methods[0]).toMatchObject({ verdict: "inconclusive", kappa: null });
    expect(report.methods[0]?.reason).toContain("no floor");
    expect(report.metrics[0]?.stages[4]?.score).toBe(1);
  });

  it("never rests on absolute Spearman alone, in either direction", () => {
    expect(judged({ metrics: spearmanAbsolute, score: () => 1 }).method.verdict).toBe("inconclusive");
    expect(judged({ metrics: spearmanAbsolute, score: () => 0.1 }).method.verdict).toBe("inconclusive");
    const both = judged({ metrics: { ...spearmanAbsolute, ...spatial }, score: ({ metric }) => (metric === "spearman-abs" ? 1 : 0.1) });
    expect(both.method.verdict).toBe("inconclusive");
    expect(both.method.reason).toContain("never rests on it alone");
  });

  it("lets an uninformative metric not stand in the way of the others", () => {
    const { method } = judged({
      metrics: { ...spearmanAbsolute, ...spatial },
      score: ({ metric }) => (metric === "spearman-abs" ? 0.99 : 0.12),
      floor: (_, { metric }) => (metric === "spearman-abs" ? 0.985 : 0.1),
    });
    expect(method).toMatchObject({ verdict: "sensitive", metric: "ssim-abs" });
  });

  it("carries the null of shared zeros beside absolute Spearman only", () => {
    const { report } = judged({ metrics: { ...spearmanAbsolute, ...spatial }, ties: () => 0.8 });
    expect(report.metrics[0]?.stages[4]?.tieNull).toBeCloseTo(2.4 / 2.44, 12);
    expect(report.metrics[1]?.stages[4]?.tieNull).toBeNull();
  });

  it("names the blocks that a method is blind to when blocks are redrawn one by one", () => {
    const { method, metric } = judged({ order: "independent", score: ({ stage }) => (stage >= 3 ? 0.95 : 0.1) });
    expect(method).toMatchObject({ verdict: "blind", label: "blind to conv2, conv1", blindTo: ["conv2", "conv1"] });
    expect(metric.firstBelow).toBeNull();
  });

  it("shows the block that is nearest to failing where it is blind to none", () => {
    const { method } = judged({ order: "independent", score: ({ stage }) => (stage === 1 ? 0.4 : 0.1) });
    expect(method).toMatchObject({ verdict: "sensitive", stage: "softmax" });
    expect(method.kappa).toBeCloseTo(0.3 / 0.9, 12);
  });

  it("names the blocks whose interval reaches across the threshold", () => {
    const { method } = judged({ order: "independent", score: ({ stage, draw }) => (stage === 3 ? (draw % 2 === 0 ? 0.9 : 0.2) : 0.1) });
    expect(method).toMatchObject({
      verdict: "inconclusive",
      stage: "conv2",
      reason: "the interval of κ reaches across 0.50 when conv2 alone is redrawn",
    });
  });

  it("measures an independent block against its own floor, where there is one for each", () => {
    const { scores, floor } = madeScores({ ...base, order: "independent", score: () => 0.8 });
    // chance alone gives .7 at the first block and .1 at the others
    const byStage = {
      ...floor,
      groups: floor.groups.flatMap((group) =>
        base.stages.map((stage) => ({
          ...group,
          axes: { ...group.axes, stage },
          scores: group.scores.map((score) => ({ ...score, value: stage === "softmax" ? 0.7 : 0.1 })),
        })),
      ),
    };
    const { metrics, methods } = evaluate({ scores, floor: byStage }, limits);
    const [softmax, ...others] = metrics[0]!.stages.slice(1);
    expect(softmax?.kappa).toBeCloseTo((0.8 - 0.7) / 0.3, 12);
    for (const { kappa } of others) expect(kappa).toBeCloseTo(0.7 / 0.9, 12);
    expect(methods[0]?.label).toBe("blind to fc1, conv2, conv1");
  });

  it("minds undefined scores in the floor of any block, where each has its own", () => {
    const { scores, floor } = madeScores({ ...base, order: "independent", score: () => 0.1 });
    const byStage = {
      ...floor,
      groups: floor.groups.flatMap((group) =>
        base.stages.map((stage) => ({
          ...group,
          axes: { ...group.axes, stage },
          scores: group.scores.map((score) => (stage === "fc1" && score.image < 4 ? { ...score, value: null, reason: "constant" } : score)),
        })),
      ),
    };
    const { metrics } = evaluate({ scores, floor: byStage }, limits);
    expect(metrics[0]).toMatchObject({
      verdict: "inconclusive",
      reason: "50 % of the scores in the floor of fc1 are undefined, half or more",
    });
  });

  it("marks a noise control that passes", () => {
    const explainers = { noise: { uses: "explainer/uniform-noise", summary: "", control: "noise" } } as const;
    const { method } = judged({ explainers, score: () => 0.1 });
    expect(method).toMatchObject({ verdict: "sensitive", control: "noise", notes: ["a control that passes without explaining anything"] });
  });

  it("speaks of images only where there is one draw, and says so", () => {
    const { method, report } = judged({ draws: 1 });
    expect(report.over).toBe("images");
    expect(method.notes).toContain("one draw: the interval says nothing about other draws");
    expect(method.verdict).toBe("insensitive");
  });

  it("says once, not in every row of the page, what is true of every method", () => {
    const noise = { uses: "explainer/uniform-noise", summary: "", control: "noise" } as const;
    const { report } = judged({ draws: 1, score: () => 0.2, explainers: { ...base.explainers, noise } });
    const page = verdictTable(report).text;
    expect(page.split("one draw: the interval says nothing about other draws")).toHaveLength(2);
    expect(page).toContain('<span class="note">a control that passes without explaining anything</span>');
  });

  it("has no interval and no verdict with one draw of one image", () => {
    const { method, report } = judged({ draws: 1, images: 1 });
    expect(report.over).toBe("nothing");
    expect(method).toMatchObject({ verdict: "inconclusive", kappaLow: null });
  });

  it("keeps methods of further axes apart", () => {
    const { scores, floor } = madeScores(base);
    const twice = {
      ...scores,
      axes: [...scores.axes, { name: "redraw", values: ["initializer", "shuffle"] }],
      groups: ["initializer", "shuffle"].flatMap((redraw) => scores.groups.map((group) => ({ ...group, axes: { ...group.axes, redraw } }))),
    };
    const report = evaluate({ scores: twice, floor }, limits);
    expect(report.methods.map(({ method }) => method)).toEqual(["gradient · redraw=initializer", "gradient · redraw=shuffle"]);
    expect(report.methods[1]?.kappa).toBe(1);
  });

  it("is the same for the same seed and is plain data", async () => {
    const inputs = {
      scores: madeScores({ ...base, score: ({ image, draw }) => 0.4 + wobble(image, draw) }),
      maps: {},
      datasets: {},
      models: {},
    };
    const build = () => verdict.build(inputs, { threshold: 0.5 }, { random: seedTree(7), services: [] });
    const [a, b] = [await build(), await build()];
    expect(JSON.stringify(a.data)).toBe(JSON.stringify(b.data));
    expect(JSON.parse(JSON.stringify(a.data))).toEqual(a.data);
  });

  it("judges 84 pairs of 5 draws × 32 images in a few seconds", () => {
    const explainers = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`e${i}`, { uses: "explainer/gradient", summary: "" }]));
    const metrics = Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`m${i}`, { uses: "ssim", view: "absolute" }]));
    const started = performance.now();
    const { report } = judged({ explainers, metrics, images: 32, score: ({ image, draw }) => 0.3 + wobble(image, draw) });
    expect(report.metrics).toHaveLength(84);
    expect(performance.now() - started).toBeLessThan(8000);
  });
});

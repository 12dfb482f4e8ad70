import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { verdictTable } from "../src/html/verdict-table.js";
import { evaluate } from "../src/statistics/evaluate.js";
import { holm } from "../src/statistics/holm.js";
import { tailsOf } from "../src/statistics/p-value.js";
import { madeScores, type Made } from "./made-scores.js";

interface HolmCase {
  readonly name: string;
  readonly p: number[];
  readonly adjusted: number[];
}
const golden = JSON.parse(readFileSync(new URL("../../../../shared/oracle/statistics/manifest.json", import.meta.url), "utf8")) as {
  readonly holm: HolmCase[];
};

describe("Holm's adjustment", () => {
  it.each(golden.holm)("gives the values of statsmodels: $name", ({ p, adjusted }) => {
    for (const [i, value] of holm(p).entries()) expect(value).toBeCloseTo(adjusted[i]!, 9);
  });

  it("leaves one claim as it is, and has nothing to say of none", () => {
    expect([holm([0.03]), holm([])]).toEqual([[0.03], []]);
  });
});

describe("one-sided p-values", () => {
  it("are a quarter at t = 1 with one degree of freedom (Cauchy), and ½ at 0", () => {
    expect(tailsOf(0.2, { error: 0.2, freedom: 1 }).above).toBeCloseTo(0.25, 10);
    expect(tailsOf(0.2, { error: 0.2, freedom: 1 }).below).toBeCloseTo(0.75, 10);
    expect(tailsOf(0, { error: 1, freedom: 7 })).toEqual({ above: 0.5, below: 0.5 });
  });

  it("are .025 where a 95 % interval ends: t = 2.776445 with four degrees of freedom", () => {
    expect(tailsOf(-2.776445, { error: 1, freedom: 4 }).below).toBeCloseTo(0.025, 7);
  });

  it("follow the sign where nothing varies, and claim nothing at 0", () => {
    const sure = { error: 0, freedom: 4 };
    expect([0.1, -0.1, 0].map((value) => tailsOf(value, sure))).toEqual([
      { above: 0, below: 1 },
      { above: 1, below: 0 },
      { above: 1, below: 1 },
    ]);
  });
});

describe("claims of a method", () => {
  const names = (prefix: string, n: number) => Array.from({ length: n }, (_, i) => `${prefix}${i}`);
  const base: Made = {
    explainers: { gradient: { uses: "explainer/gradient", summary: "" } },
    metrics: { m0: { uses: "ssim", view: "absolute" } },
    stages: ["fc1", "conv1"],
    draws: 5,
    images: 8,
    score: () => 0.1,
    floor: () => 0.1,
  };
  const withMetrics = (n: number) => Object.fromEntries(names("m", n).map((name) => [name, { uses: "ssim", view: "absolute" }]));
  const judged = (made: Partial<Made>) => {
    const { scores, floor } = madeScores({ ...base, ...made });
    return evaluate({ scores, floor }, { threshold: 0.5, margin: 0.15, undefinedLimit: 0.1 });
  };
  /** Draws differ, images do not: Student's t with 4 degrees of freedom, mean .1 over the threshold, deviation .06. */
  const marginal = (draw: number): number => 0.1 + 0.9 * (0.6 + [-0.09, -0.03, 0, 0.03, 0.09][draw]!);

  it("have the p-value of a t-test by hand where only the draws differ", () => {
    const [row] = judged({ score: ({ draw }) => marginal(draw) }).metrics;
    // deviation √((.0081 · 2 + .0009 · 2)/4) = .06708, t = .1/(.06708/√5) = 10/3; s = t/√(4 + t²); P = ½ − ½ s (3/2 − s²/2)
    const s = 10 / 3 / Math.sqrt(4 + 100 / 9);
    const p = 0.5 - 0.5 * s * (1.5 - 0.5 * s * s);
    expect(row!.claims[0]).toMatchObject({ verdict: "insensitive", block: null });
    expect(row!.claims[0]!.p).toBeCloseTo(p, 9);
    expect(p).toBeCloseTo(0.0145, 4);
  });

  it("hold where one metric makes them, and no longer where it is one of many that could have", () => {
    const score: Made["score"] = ({ metric, draw }) => (metric === "m0" ? marginal(draw) : 0.1);
    const alone = judged({ stages: ["all"], score });
    expect(alone.methods[0]).toMatchObject({ verdict: "insensitive", metric: "m0" });
    expect(alone.methods[0]!.pAdjusted).toBeCloseTo(0.0145, 4);

    const many = judged({ stages: ["all"], metrics: withMetrics(6), score });
    expect(many.metrics[0]).toMatchObject({ verdict: "insensitive" });
    expect(many.metrics[0]!.claims[0]!.pAdjusted).toBeCloseTo(6 * many.metrics[0]!.claims[0]!.p, 12);
    expect(many.methods[0]).toMatchObject({
      verdict: "inconclusive",
      pAdjusted: null,
      metric: "m0",
      reason: "m0 says insensitive, which does not hold among the 6 claims of its kind (Holm-adjusted p = 0.087)",
    });
  });

  it("hold among many where the evidence is strong, since Holm asks less of the next", () => {
    const report = judged({
      stages: ["all"],
      metrics: withMetrics(2),
      score: ({ metric, draw }) => (metric === "m0" ? marginal(draw) : 1),
    });
    // m1 is certain, so m0 is left alone: 1 · p.
    expect(report.metrics[0]!.claims[0]!.pAdjusted).toBeCloseTo(report.metrics[0]!.claims[0]!.p, 12);
    expect(report.methods[0]).toMatchObject({ verdict: "insensitive", pAdjusted: 0 });
  });

  it("are one a method where all metrics must agree, as weak as the weakest", () => {
    const below = (draw: number): number => 0.1 + 0.9 * (0.4 + [-0.09, -0.03, 0, 0.03, 0.09][draw]!);
    const report = judged({
      metrics: withMetrics(6),
      score: ({ metric, draw, stage }) => (metric === "m2" && stage === 1 ? below(draw) : 0.1),
    });
    expect(report.families).toMatchObject({ charges: 12, clearances: 1 });
    expect(report.methods[0]!.claims).toHaveLength(1);
    expect(report.methods[0]!.claims[0]!.p).toBeCloseTo(0.0145, 4);
    expect(report.methods[0]).toMatchObject({ verdict: "sensitive", metric: "m2", stage: "fc1" });
  });

  it("count all methods of a report", () => {
    const explainers = Object.fromEntries(names("e", 4).map((name) => [name, { uses: "explainer/gradient", summary: "" }]));
    const below = (draw: number): number => 0.1 + 0.9 * (0.4 + [-0.09, -0.03, 0, 0.03, 0.09][draw]!);
    const report = judged({ explainers, score: ({ draw }) => below(draw) });
    expect(report.families.clearances).toBe(4);
    for (const method of report.methods) {
      expect(method).toMatchObject({ verdict: "inconclusive" });
      expect(method.reason).toBe(
        "every metric says sensitive, which does not hold among the 4 claims of its kind (Holm-adjusted p = 0.058)",
      );
    }
  });

  it("are not made by absolute Spearman, nor by a metric that cannot judge", () => {
    const metrics = { ...withMetrics(2), "spearman-abs": { uses: "spearman", view: "absolute" } };
    const report = judged({ metrics, floor: (_, { metric }) => (metric === "m1" ? 0.9 : 0.1) });
    expect(report.metrics.map(({ claims }) => claims.map(({ verdict }) => verdict))).toEqual([["insensitive", "late"], [], []]);
  });

  it("are one a block where blocks are redrawn one by one, and the verdict names the blocks that hold", () => {
    const report = judged({
      order: "independent",
      stages: names("b", 4),
      score: ({ stage, draw }) => [0, 1, marginal(draw), 0.1, 0.1][stage]!,
    });
    const row = report.metrics[0]!;
    expect(row.claims.map(({ verdict, block }) => [verdict, block])).toEqual(names("b", 4).map((block) => ["blind", block]));
    expect(row.blindTo).toEqual(["b0", "b1"]);
    expect(report.methods[0]).toMatchObject({ label: "blind to b0", stage: "b0", pAdjusted: 0 });
  });

  it("are told on the page with their p-value", () => {
    const page = verdictTable(judged({})).text;
    expect(page).toContain("p &lt; 0.001, adjusted");
    expect(page).toContain("because 2 verdicts against a method and 1 in favour could have been found");
  });
});

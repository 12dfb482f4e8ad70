import { readFileSync } from "node:fs";
import { seedTree } from "@assay/core/plugin";
import { describe, expect, it } from "vitest";
import { curves } from "../src/curves.js";
import { detailTables } from "../src/html/details-table.js";
import { verdictTable } from "../src/html/verdict-table.js";
import { agreementOf } from "../src/statistics/agreement.js";
import { detectableBy } from "../src/statistics/detectable.js";
import type { Cells } from "../src/statistics/estimate.js";
import { evaluate } from "../src/statistics/evaluate.js";
import { krippendorff } from "../src/statistics/krippendorff.js";
import { reliabilityOf } from "../src/statistics/reliability.js";
import { madeScores, type Made } from "./made-scores.js";
import { effects } from "./simulated-experiments.js";
import { reportOn } from "./simulated-report.js";

const limits = { threshold: 0.5, margin: 0.15, undefinedLimit: 0.1 };
/** Rows are draws, columns images. */
const cellsOf = (rows: readonly (readonly (number | null)[])[]): Cells => ({
  rows: rows.length,
  images: rows[0]!.length,
  sums: Float64Array.from(rows.flat(), (value) => value ?? 0),
  counts: Float64Array.from(rows.flat(), (value) => (value === null ? 0 : 1)),
});

interface AlphaCase {
  readonly name: string;
  readonly data: (number | null)[][];
  readonly alpha: number;
}
const golden = JSON.parse(readFileSync(new URL("../../../../shared/oracle/statistics/manifest.json", import.meta.url), "utf8")) as {
  readonly krippendorff: AlphaCase[];
};

describe("Krippendorff's alpha", () => {
  it.each(golden.krippendorff)("is that of the krippendorff package: $name", ({ data, alpha }) => {
    expect(krippendorff(data)).toBeCloseTo(alpha, 9);
  });

  it("is 1 where raters agree, and undefined where nothing varies or nothing can be paired", () => {
    expect(krippendorff([[1, 2, 3], [1, 2, 3]])).toBe(1); // prettier-ignore
    expect(krippendorff([[2, 2], [2, 2]])).toBeNull(); // prettier-ignore
    expect(krippendorff([[1, null], [null, 2]])).toBeNull(); // prettier-ignore
  });
});

describe("agreement of metrics over images", () => {
  it("is 1 for the same order, whatever the scales", () => {
    expect(agreementOf([[cellsOf([[0.1, 0.5, 0.2]])], [cellsOf([[-90, 7, 0]])]])).toBeCloseTo(1, 12);
  });

  it("is −½ for two images in opposite orders: D_o = ¼, D_e = 8 · ¼/12", () => {
    expect(agreementOf([[cellsOf([[0.1, 0.5]])], [cellsOf([[0.5, 0.1]])]])).toBeCloseTo(-0.5, 12);
  });

  it("takes scores that differ by rounding for ties", () => {
    expect(agreementOf([[cellsOf([[1, 0.9999999, 1]])], [cellsOf([[0.9999999, 1, 1]])]])).toBeNull();
  });

  it("takes the mean over draws and stages, leaves missing images out, and needs two metrics", () => {
    const one = cellsOf([[0.1, 0.9, null], [0.9, 0.3, null]]); // prettier-ignore
    // means .5, .6; with the second stage .4, .65
    expect(agreementOf([[one], [cellsOf([[1, 2, 3]])]])).toBeCloseTo(krippendorff([[0.25, 0.75, null], [1 / 6, 3 / 6, 5 / 6]])!, 12); // prettier-ignore
    expect(agreementOf([[one, cellsOf([[0.2, 0.75, 0.1]])], [cellsOf([[2, 3, 1]])]])).toBeCloseTo(1, 12);
    expect(agreementOf([[one]])).toBeNull();
  });
});

describe("reliability over draws", () => {
  // Table 2 of Shrout & Fleiss 1979: six targets, four judges; Table 4 gives ICC(2,1) = .29.
  const targets = [
    [9, 2, 5, 8],
    [6, 1, 3, 2],
    [8, 4, 6, 8],
    [7, 1, 2, 6],
    [10, 5, 6, 9],
    [6, 2, 4, 7],
  ];
  const transposed = (rows: readonly (readonly number[])[]): number[][] => rows[0]!.map((_, i) => rows.map((row) => row[i]!));

  it("is the published ICC(2,1)", () => {
    // MS: between targets 11.24, judges 32.49, residual 1.02.
    expect(reliabilityOf(cellsOf(transposed(targets)))).toBeCloseTo(
      (11.2417 - 1.0194) / (11.2417 + 3 * 1.0194 + (4 * (32.4861 - 1.0194)) / 6),
      3,
    );
    expect(reliabilityOf(cellsOf(transposed(targets)))).toBeCloseTo(0.29, 2);
  });

  it("is 1 where every draw says the same, and leaves out an image that one draw has no score of", () => {
    expect(reliabilityOf(cellsOf([[0.1, 0.5, 0.9], [0.1, 0.5, 0.9]]))).toBeCloseTo(1, 12); // prettier-ignore
    expect(reliabilityOf(cellsOf([[0.1, 0.5, 0.3], [0.1, 0.5, null]]))).toBeCloseTo(1, 12); // prettier-ignore
  });

  it("is nothing for one draw, one image, or scores that are all equal", () => {
    expect(reliabilityOf(cellsOf([[0.1, 0.5]]))).toBeNull();
    expect(reliabilityOf(cellsOf([[0.1], [0.5]]))).toBeNull();
    expect(reliabilityOf(cellsOf([[0.3, 0.3], [0.3, 0.3]]))).toBeNull(); // prettier-ignore
  });
});

describe("the smallest difference that would be seen", () => {
  it("is (1.960 + .842) errors with many degrees of freedom, (2.776 + .941) with four, and none without error", () => {
    expect(detectableBy({ error: 0.1, freedom: 1e7 }, 0.95)).toBeCloseTo(0.28016, 4);
    expect(detectableBy({ error: 0.1, freedom: 4 }, 0.95)).toBeCloseTo(0.3717, 3);
    expect(detectableBy({ error: 0, freedom: 4 }, 0.95)).toBe(0);
  });

  it("is seen in about four of five experiments", () => {
    const world = effects("seen", { draw: 0.05, image: 0.1, rest: 0.1 });
    const random = seedTree("seen");
    const rows = (kappa: number, n: number) =>
      Array.from({ length: n }, (_, e) => reportOn({ e: { m: world.experiment(kappa, 5, 32, random.split(kappa, e)) } }).metrics[0]!);
    const pilot = rows(0.5, 100).map(({ stages }) => stages.at(-1)!.detectable!);
    const size = pilot.reduce((sum, value) => sum + value, 0) / pilot.length;
    const found = rows(0.5 + size, 300).filter(({ verdict }) => verdict === "insensitive").length / 300;
    expect(found).toBeGreaterThan(0.72);
    expect(found).toBeLessThan(0.88);
  });
});

describe("a report", () => {
  const made: Made = {
    explainers: { gradient: { uses: "explainer/gradient", summary: "" } },
    metrics: { ssim: { uses: "ssim", view: "absolute" }, hog: { uses: "hog-pearson", view: "absolute" } },
    stages: ["fc1", "conv1"],
    draws: 5,
    images: 8,
    score: ({ image, draw }) => 0.2 + 0.03 * image + 0.01 * ((image * 3 + draw * 2) % 5),
    floor: () => 0.1,
  };
  const { scores, floor } = madeScores(made);
  const random = { ...scores, groups: madeScores({ ...made, stages: ["all"], score: () => 0.55 }).scores.groups
    .filter(({ axes }) => axes["stage"] === "all")
    .map(({ axes: { stage: _stage, ...axes }, ...group }) => ({ ...group, axes })) }; // prettier-ignore
  const report = evaluate({ scores, floor, random }, limits);

  it("carries what two random networks have alike, over the floor, without a say in the verdict", () => {
    expect(report.metrics[0]!.random!.score).toBeCloseTo(0.55, 12);
    expect(report.metrics[0]!.random!.kappa).toBeCloseTo(0.5, 12);
    expect(report.methods).toEqual(evaluate({ scores, floor }, limits).methods);
    expect(evaluate({ scores, floor }, limits).metrics[0]!.random).toBeNull();
  });

  it("carries the other numbers for the stage that decides", () => {
    const deciding = report.metrics[0]!.stages.find(({ stage }) => stage === report.methods[0]!.stage)!;
    expect(deciding.detectable!).toBeGreaterThan(0);
    expect(report.methods[0]).toMatchObject({ detectable: deciding.detectable, reliability: deciding.reliability, agreement: 1 });
  });

  it("shows them on its pages, each with its name", async () => {
    const details = detailTables(report).text;
    for (const words of ["both random", "would be seen", "repeatable (ICC)", "Krippendorff’s α 1.00"]) expect(details).toContain(words);
    expect(verdictTable(report).text).toContain("would be seen");
    const inputs = { scores: { scores, floor, random }, maps: {}, datasets: {}, models: {} };
    const { html } = await curves.build(inputs, {}, { random: seedTree(1), services: [] });
    expect(html).toMatch(/both random<\/text>/);
    const { html: without } = await curves.build({ ...inputs, scores: { scores, floor } }, {}, { random: seedTree(1), services: [] });
    expect(without).not.toContain("both random");
  });
});

import { describe, expect, it } from "vitest";
import { curveChart } from "../src/html/curve-chart.js";
import type { MetricRow } from "../src/statistics/verdict-report.js";

const drawn = async (stages: readonly string[]): Promise<string> => {
  const scores = stages.map((stage, index) => ({ stage, index, score: 1 / (index + 1), scoreLow: null, scoreHigh: null, tieNull: null }));
  const row = { method: "gradient", stages: scores, floor: 0.1, random: { score: 0.2 } } as unknown as MetricRow;
  return String(await curveChart([{ row, color: "#000000", symbol: "circle" }], stages, "cascading", "one method"));
};

describe("the names of stages below a chart", () => {
  it("stand beside each other where they fit", async () => {
    const chart = await drawn(["trained", "logits", "fc1", "conv2", "conv1"]);
    expect(chart).toContain("conv2");
    expect(chart).not.toContain("rotate(");
  });

  it("stand aslant where they do not, with more room below", async () => {
    const few = await drawn(["trained", "logits"]);
    const many = await drawn(["trained", ...Array.from({ length: 17 }, (_, i) => `Mixed_${i}_1x1`)]);
    const height = (chart: string): number => Number(/<svg[^>]* height="(\d+)"/.exec(chart)?.[1]);
    expect(many.match(/rotate\(-45\)/g)).toHaveLength(20);
    expect(height(many)).toBeGreaterThan(height(few) + 50);
  });
});

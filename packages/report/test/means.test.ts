import { seedTree, type Axis, type ScoreGroup, type ScoresInput } from "@assay/core/plugin";
import { describe, expect, it } from "vitest";
import { isTableData, means, type TableData } from "../src/index.js";
import { writtenRows } from "../src/tables/table-data.js";

const group = (axes: Readonly<Record<string, string>>, values: readonly (number | null)[]): ScoreGroup => ({
  axes,
  metric: { name: "pearson", range: [-1, 1], params: {} },
  view: "absolute",
  scores: values.map((value, image) => ({ image, repetition: 0, value, ties: 0, target: 0, ...(value === null && { reason: "flat" }) })),
});

async function tableOf(axes: readonly Axis[], groups: readonly ScoreGroup[], over = "draw"): Promise<TableData> {
  const scores: ScoresInput = { axes, groups, explainers: {} };
  const inputs = { scores: { scores }, maps: {}, datasets: {}, models: {} };
  const { data } = await means.build(inputs, { over }, { services: [], random: seedTree("means") });
  if (!isTableData(data)) throw new Error("no table");
  return data;
}

const explainers = { name: "explainer", values: ["gradient", "noise"] };

describe("report/means", () => {
  it("gives one row a point of the axes but that one, with counts of what is undefined", async () => {
    const data = await tableOf(
      [explainers, { name: "draw", values: ["0", "1"] }],
      [
        group({ explainer: "gradient", draw: "0" }, [0.2, 0.4]),
        group({ explainer: "gradient", draw: "1" }, [0.6, null]),
        group({ explainer: "noise", draw: "0" }, [0, 0]),
        group({ explainer: "noise", draw: "1" }, [0, 0]),
      ],
    );
    expect(data.columns.map(({ name }) => name)).toEqual(["explainer", "mean", "low", "high", "scores", "undefined"]);
    expect(data.rows.map(([explainer, value, , , scores, lost]) => [explainer, value, scores, lost])).toEqual([
      ["gradient", expect.closeTo(0.4, 12), 4, 1],
      ["noise", 0, 4, 0],
    ]);
  });

  it("has the standard error of a mean over filters where images agree: ± t s/√n", async () => {
    const n = 100;
    const values = Array.from({ length: n }, (_, i) => Math.sin(i * 12.9898) * 0.3);
    const m = values.reduce((a, b) => a + b, 0) / n;
    const s = Math.sqrt(values.reduce((sum, v) => sum + (v - m) ** 2, 0) / (n - 1));
    const axis = { name: "filter", values: values.map((_, i) => String(i)) };
    const data = await tableOf([axis], values.map((v, i) => group({ filter: String(i) }, [v, v, v])), "filter"); // prettier-ignore
    const [, low, high] = data.rows[0] as [number, number, number];
    expect(Math.abs(low - (m - (1.9842 * s) / Math.sqrt(n)))).toBeLessThan(1e-5);
    expect(Math.abs(high - (m + (1.9842 * s) / Math.sqrt(n)))).toBeLessThan(1e-5);
    expect(data.note).toContain("the axis filter × images");
  });

  it("speaks of the images alone where the axis is not there", async () => {
    const data = await tableOf([explainers], [group({ explainer: "gradient" }, [0.1, 0.3]), group({ explainer: "noise" }, [0.1, 0.1])]);
    expect(data.note).toContain("over images");
    expect(data.rows[0]!.slice(1, 4)).toEqual([
      expect.closeTo(0.2, 12),
      expect.closeTo(0.2 - 1.27062, 4),
      expect.closeTo(0.2 + 1.27062, 4),
    ]);
    expect(writtenRows(data)[1]).toEqual(["noise", "0.100", "0.100", "0.100", "2", "0"]);
  });

  it("writes a dash where nothing is defined", async () => {
    const data = await tableOf([explainers], [group({ explainer: "gradient" }, [null, null])]);
    expect(writtenRows(data)[0]).toEqual(["gradient", "–", "–", "–", "2", "2"]);
  });
});

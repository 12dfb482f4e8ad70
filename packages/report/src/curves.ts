import { defineReport, strictObject } from "@assay/core/plugin";
import { explainerColor } from "./colors.js";
import { curveChart, SYMBOLS, type Curve } from "./html/curve-chart.js";
import { html } from "./html/markup.js";
import { ORDER_WORDS } from "./html/order-words.js";
import { likenessOf } from "./inputs.js";
import { evaluate, MARGIN, UNDEFINED_LIMIT } from "./statistics/evaluate.js";
import type { MetricRow } from "./statistics/verdict-report.js";

export interface CurvesData {
  readonly kind: "curves";
  readonly metrics: readonly MetricRow[];
  /** one SVG a metric */
  readonly charts: readonly { readonly metric: string; readonly svg: string }[];
}

export const isCurvesData = (data: unknown): data is CurvesData =>
  typeof data === "object" && data !== null && "kind" in data && data.kind === "curves";

/**
 * Likeness to the trained network's maps while the network is destroyed: one chart a metric, one curve a method.
 * Mean over draws and images with the interval over both; hollow marks are the floor and the likeness of two random networks; dashed, for absolute Spearman,
 * is what maps that share only their zeros would reach.
 */
export const curves = defineReport({
  name: "curves",
  version: "1",
  summary: "likeness over stages, one chart a metric, with intervals and chance",
  params: strictObject({}),
  inputs: { scores: { type: "scores" }, floor: { type: "scores", optional: true }, random: { type: "scores", optional: true } },
  async build(inputs) {
    const limits = { threshold: 0.5, margin: MARGIN, undefinedLimit: UNDEFINED_LIMIT };
    const { floor, random } = inputs.scores;
    const report = evaluate({ scores: likenessOf(inputs, "scores"), ...(floor && { floor }), ...(random && { random }) }, limits);
    const methods = report.methods.map(({ method }) => method);
    const curve = (row: MetricRow): Curve => {
      const index = methods.indexOf(row.method);
      return { row, color: explainerColor(row.method, index), symbol: SYMBOLS[index % SYMBOLS.length] ?? "circle" };
    };
    const drawn = [...new Set(report.metrics.map(({ metric }) => metric))].map(async (metric) => {
      const rows = report.metrics.filter((row) => row.metric === metric);
      const first = rows[0];
      const stages = first?.stages.filter(({ index, score }) => index > 0 || score !== null).map(({ stage }) => stage) ?? [];
      const heading = `${metric} (${first?.uses ?? ""} on ${first?.view ?? ""} maps)`;
      const alt = `Mean ${heading} of ${methods.join(", ")} over the stages ${stages.join(", ")}. The numbers are in the table of details.`;
      const dashed = report.order !== "independent" && rows.some((row) => row.stages.some(({ tieNull }) => tieNull !== null));
      const chart = await curveChart(rows.map(curve), stages, report.order, alt);
      const figure = html`<figure class="chart">
        <figcaption>
          <strong>${metric}</strong>
          <span class="fine">${first?.uses} on ${first?.view} maps${dashed && "; dashed: what shared zeros alone give"}</span>
        </figcaption>
        ${chart}
      </figure>`;
      return { metric, svg: chart.text, figure };
    });
    const charts = await Promise.all(drawn);
    const how = ORDER_WORDS[report.order].curves;
    const [ofLast, spread] = report.order !== "independent" ? ["", "Bands"] : [` where ${report.finalStage} alone is random`, "Bars"];
    const body = html`<p>
        ${how} 1 is identical. Hollow marks in the column “chance”: what chance alone gives for that method${ofLast}.
        ${random && "In the column “both random”: the maps of two networks that are random altogether, so what the image alone dictates."}
        ${spread}: ${report.over === "nothing" ? "none, one draw of one image" : `95 % intervals over ${report.over}`}.
      </p>
      <div class="charts">${charts.map(({ figure }) => figure)}</div>`;
    const data: CurvesData = { kind: "curves", metrics: report.metrics, charts: charts.map(({ metric, svg }) => ({ metric, svg })) };
    return { title: "How alike the maps stay", data, html: body.text };
  },
});

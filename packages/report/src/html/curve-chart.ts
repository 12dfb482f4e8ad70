import type { StageOrder } from "@assay/core/plugin";
import type { MetricRow } from "../statistics/verdict-report.js";
import { trusted, type Markup } from "./markup.js";
import { spreadLabels } from "./spread-labels.js";

const WIDTH = 640;
const HEIGHT = 390;
const MARGIN = { top: 14, right: 158, bottom: 34, left: 44 } as const;
const LABEL_GAP = 13;
/** of a letter of the labels, on average */
const LETTER = 6.2;
const CHANCE = "chance";
const BOTH_RANDOM = "both random";
export const SYMBOLS = ["circle", "square", "triangle", "diamond", "star", "cross"] as const;

export interface Curve {
  readonly row: MetricRow;
  readonly color: string;
  readonly symbol: (typeof SYMBOLS)[number];
}

interface Point {
  readonly x: string;
  readonly y: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly method: string;
}

/** One chart: mean score of every method over the stages, its interval as a band, chance and two random networks as hollow marks on the right. */
export async function curveChart(
  curves: readonly Curve[],
  stages: readonly string[],
  order: StageOrder,
  description: string,
): Promise<Markup> {
  // Four hundred files, loaded when something is drawn.
  const [Plot, { parseHTML }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  const all = curves.map((curve) => ({ ...curve, points: pointsOf(curve.row), nulls: tieNulls(curve.row) }));
  const values = all.flatMap(({ points, nulls, row }) => [
    ...points.flatMap(({ y, low, high }) => [y, low ?? y, high ?? y]),
    ...nulls.map(({ y }) => y),
    row.floor ?? 0,
    row.random?.score ?? 0,
  ]);
  const lowest = Math.min(0, ...values);
  const highest = Math.max(1, ...values);
  const beside = [
    ...(curves.some(({ row }) => row.floor !== null) ? [CHANCE] : []),
    ...(curves.some(({ row }) => row.random !== null) ? [BOTH_RANDOM] : []),
  ];
  const x = [...stages, ...beside];
  const below = labelsBelow(x);
  const scale = (HEIGHT - MARGIN.top - MARGIN.bottom) / (highest - lowest);
  const labels = placeLabels(all, highest, scale);
  const right = x.at(-1) ?? "";
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const joined = order !== "independent";
  const figure = Plot.plot({
    document,
    width: WIDTH,
    height: HEIGHT + below.room,
    marginTop: MARGIN.top,
    marginRight: MARGIN.right,
    marginBottom: MARGIN.bottom + below.room,
    marginLeft: MARGIN.left,
    ariaLabel: description,
    style: { fontSize: "12px", fontFamily: "system-ui, sans-serif", overflow: "visible" },
    x: { type: "point", domain: x, label: null, padding: 0.25, tickRotate: below.rotate },
    y: { domain: [lowest, highest], label: null, grid: true, ticks: 6 },
    marks: [
      Plot.ruleY([0], { stroke: "#8a8f98" }),
      Plot.ruleX(beside, { stroke: "#eceef2", strokeWidth: 34 }),
      ...all.flatMap(({ points, nulls, color, symbol, row }) => {
        const banded = points.filter(({ low, high }) => low !== null && high !== null);
        return [
          ...(joined
            ? [
                Plot.areaY(banded, { x: "x", y1: "low", y2: "high", fill: color, fillOpacity: 0.13 }),
                Plot.lineY(nulls, { x: "x", y: "y", stroke: color, strokeDasharray: "2 4", strokeWidth: 1, strokeOpacity: 0.7 }),
                Plot.lineY(points, { x: "x", y: "y", stroke: color, strokeWidth: 1.8 }),
              ]
            : [Plot.ruleX(banded, { x: "x", y1: "low", y2: "high", stroke: color, strokeWidth: 1.6, strokeOpacity: 0.6 })]),
          Plot.dot(points, { x: "x", y: "y", fill: color, symbol, r: 3.6 }),
          Plot.dot(besideOf(row), { x: "x", y: "y", stroke: color, fill: "white", symbol, r: 3.6, strokeWidth: 1.6 }),
        ];
      }),
      ...labels.flatMap(({ text, y, from, color, symbol }) => [
        Plot.arrow([0], {
          x1: () => stages.at(-1),
          x2: () => right,
          y1: () => from,
          y2: () => y,
          insetStart: 5,
          insetEnd: -20,
          headLength: 0,
          stroke: color,
          strokeWidth: 0.7,
          strokeOpacity: 0.5,
        }),
        Plot.dot([0], { x: () => right, y: () => y, dx: 28, fill: color, symbol, r: 3.6 }),
        Plot.text([text], { x: () => right, y: () => y, dx: 36, textAnchor: "start", fill: "#22262e" }),
      ]),
    ],
  });
  return trusted(figure.outerHTML);
}

/** Names of stages stand aslant where they do not fit beside each other, and take more room below. */
function labelsBelow(names: readonly string[]): { readonly rotate: number; readonly room: number } {
  const widths = names.map(({ length }) => LETTER * length);
  const step = (WIDTH - MARGIN.left - MARGIN.right) / names.length;
  if (widths.every((width, i) => (width + (widths[i + 1] ?? 0)) / 2 < step)) return { rotate: 0, room: 0 };
  return { rotate: -45, room: Math.ceil(Math.max(...widths) * Math.SQRT1_2) };
}

const pointsOf = (row: MetricRow): Point[] =>
  row.stages.flatMap(({ stage, score, scoreLow, scoreHigh }) =>
    score === null ? [] : [{ x: stage, y: score, low: scoreLow, high: scoreHigh, method: row.method }],
  );

const besideOf = ({ floor, random }: MetricRow): { readonly x: string; readonly y: number }[] => [
  ...(floor === null ? [] : [{ x: CHANCE, y: floor }]),
  ...(typeof random?.score === "number" ? [{ x: BOTH_RANDOM, y: random.score }] : []),
];

const tieNulls = (row: MetricRow): { readonly x: string; readonly y: number }[] =>
  row.stages.flatMap(({ stage, tieNull, index }) => (tieNull === null || index === 0 ? [] : [{ x: stage, y: tieNull }]));

/** Names at the right end, beside the last point where there is room, else spread around it. */
function placeLabels(curves: readonly (Curve & { readonly points: readonly Point[] })[], highest: number, scale: number) {
  const ends = curves.flatMap(({ row, color, symbol, points }) => {
    const end = points.at(-1);
    return end ? [{ text: row.method, from: end.y, color, symbol }] : [];
  });
  const pixels = spreadLabels(
    ends.map(({ from }) => (highest - from) * scale),
    LABEL_GAP,
    -MARGIN.top,
    HEIGHT - MARGIN.top - 4,
  );
  return ends.map((end, index) => ({ ...end, y: highest - (pixels[index] ?? 0) / scale }));
}

import type { ScoresInput, StageOrder } from "@assay/core/plugin";
import { agreementOf } from "./agreement.js";
import { arrange, type Arranged, type Arrangement, type Evidence } from "./arrange.js";
import type { Cells } from "./estimate.js";
import { groupBy } from "./group-by.js";
import { spreadOver } from "./interval.js";
import { adjusted, type Adjusted } from "./claims.js";
import { middleOf, type Limits } from "./judge.js";
import { judgeMethod } from "./judge-method.js";
import { CONFIDENCE, metricRow, total, TRAINED } from "./metric-row.js";
import { LEAST_TWIN } from "./twin.js";
import type { MethodRow, MetricRow, VerdictReport } from "./verdict-report.js";

/** 1 − f below .15 leaves too little room between chance and identity to read a metric. */
export const MARGIN = 0.15;
/** More undefined scores than this make a metric inconclusive. */
export const UNDEFINED_LIMIT = 0.1;

/** Everything that the statistics say of a set of scores: curves, floors, κ with intervals, verdicts. */
export function evaluate(evidence: Evidence, limits: Limits): VerdictReport {
  const { scores, twin } = evidence;
  const arrangement = arrange(evidence);
  const stageAxis = scores.axes.find((axis) => axis.name === "stage");
  const order: StageOrder = stageAxis?.order ?? "cascading";
  const stages = (stageAxis?.values ?? [""]).filter((stage) => stage !== TRAINED);
  const design = { draws: Math.max(arrangement.draws.length, 1), images: arrangement.images.length };
  const rows = arrangement.pairs.map((pair) => metricRow(pair, order, stages, design, limits));
  const claims = adjusted(rows, order);
  const report = { kind: "verdict-report", order, stages, finalStage: stages.at(-1) ?? "" } as const;
  return {
    ...report,
    middleStage: (order === "graded" ? stages.at(-1) : stages[middleOf(stages.length)]) ?? "",
    threshold: limits.threshold,
    restsOn: twin ? "rho" : "kappa",
    leastTwin: LEAST_TWIN,
    margin: limits.margin,
    undefinedLimit: limits.undefinedLimit,
    confidence: CONFIDENCE,
    families: claims.families,
    over: spreadOver(design),
    ...design,
    methods: methodRows(arrangement, scores, order, claims),
    metrics: claims.metrics,
  };
}

function methodRows(
  { draws, images, pairs }: Arrangement,
  { explainers }: ScoresInput,
  order: StageOrder,
  { metrics, ofMethods, families }: Adjusted,
): MethodRow[] {
  return [...groupBy(metrics, (row) => row.method)].map(([method, rows]) => {
    const explainer = pairs.find((pair) => pair.method === method)?.explainer ?? "";
    const facts = explainers[explainer];
    const claims = ofMethods.get(method) ?? [];
    const { verdict, reason, blindTo, pAdjusted, deciding } = judgeMethod(rows, claims, families, order);
    const final = deciding?.row.stages.at(-1);
    const notes: string[] = [];
    if (facts?.control === "noise" && verdict === "sensitive") notes.push("a control that passes without explaining anything");
    else if (facts?.control) notes.push("a control: it ignores the model on purpose");
    if (draws.length < 2) notes.push("one draw: the interval says nothing about other draws");
    if (images.length < 2) notes.push("one image: the interval says nothing about other images");
    return {
      method,
      explainer,
      uses: facts?.uses ?? explainer,
      control: facts?.control ?? null,
      verdict,
      label: verdict === "blind" ? `blind to ${blindTo.join(", ")}` : verdict,
      reason,
      notes,
      blindTo,
      pAdjusted,
      claims,
      metric: deciding?.row.metric ?? null,
      stage: deciding?.stage.stage ?? null,
      kappa: deciding?.stage.kappa ?? null,
      kappaLow: deciding?.stage.kappaLow ?? null,
      kappaHigh: deciding?.stage.kappaHigh ?? null,
      rho: deciding?.stage.rho ?? null,
      rhoLow: deciding?.stage.rhoLow ?? null,
      rhoHigh: deciding?.stage.rhoHigh ?? null,
      twinKappa: deciding?.row.twin?.kappa ?? null,
      detectable: deciding?.stage.detectable ?? null,
      reliability: deciding?.stage.reliability ?? null,
      agreement: agreementOf(rows.filter(({ informative }) => informative).map((row) => endsOf(row, pairs, order))),
      finalStage: final?.stage ?? "",
      finalKappa: final?.kappa ?? null,
      finalKappaLow: final?.kappaLow ?? null,
      finalKappaHigh: final?.kappaHigh ?? null,
      finalRho: final?.rho ?? null,
      finalRhoLow: final?.rhoLow ?? null,
      finalRhoHigh: final?.rhoHigh ?? null,
      draws: Math.max(draws.length, 1),
      images: images.length,
      ...total(rows),
    };
  });
}

/** The scores of a row at the end: those of the last stage, or of every block where blocks are redrawn one by one. */
function endsOf({ method, metric, stages }: MetricRow, pairs: readonly Arranged[], order: StageOrder): Cells[] {
  const own = pairs.find((pair) => pair.method === method && pair.metric === metric);
  return stages.slice(order === "independent" ? 1 : -1).flatMap(({ stage }) => own?.stages.get(stage)?.cells ?? []);
}

import type { Random, ScoresInput, StageOrder } from "@assay/core/plugin";
import { arrange, type Arranged, type Arrangement, type Tally } from "./arrange.js";
import { mean, percentileInterval, quantile, resample, resampledMeans, resampledOver, type Resamples } from "./bootstrap.js";
import { groupBy } from "./group-by.js";
import { isAbsoluteSpearman, judgeMethod, judgeMetric, middleOf, type Limits } from "./judge.js";
import { floorOf, kappa, tieNull } from "./kappa.js";
import type { MethodRow, MetricRow, StageRow, VerdictReport } from "./verdict-report.js";

export interface EvaluateOptions extends Limits {
  readonly resamples: number;
}

/** 1 − f below .15 leaves too little room between chance and identity to read a metric. */
export const MARGIN = 0.15;
/** More undefined scores than this make a metric inconclusive. */
export const UNDEFINED_LIMIT = 0.1;
const CONFIDENCE = 0.95;
const TRAINED = "trained";

/** Everything that the statistics say of a set of scores: curves, floors, κ with intervals, verdicts. Pure given `random`. */
export function evaluate(scores: ScoresInput, floor: ScoresInput | undefined, options: EvaluateOptions, random: Random): VerdictReport {
  const arrangement = arrange(scores, floor);
  const stageAxis = scores.axes.find((axis) => axis.name === "stage");
  const order: StageOrder = stageAxis?.order ?? "cascading";
  const stages = (stageAxis?.values ?? [""]).filter((stage) => stage !== TRAINED);
  const draws = Math.max(arrangement.draws.length, 1);
  const images = arrangement.images.length;
  const metrics = arrangement.pairs.map((pair) => {
    const weights = resample(draws, images, options.resamples, random.split("bootstrap", pair.method, pair.metric));
    return metricRow(pair, order, stages, weights, options);
  });
  const report = { kind: "verdict-report", order, stages, finalStage: stages.at(-1) ?? "" } as const;
  return {
    ...report,
    middleStage: stages[middleOf(stages.length)] ?? "",
    threshold: options.threshold,
    margin: options.margin,
    undefinedLimit: options.undefinedLimit,
    resamples: options.resamples,
    confidence: CONFIDENCE,
    over: resampledOver(draws, images),
    draws,
    images,
    methods: methodRows(arrangement, scores, metrics),
    metrics,
  };
}

const share = ({ scores, undefinedScores }: { readonly scores: number; readonly undefinedScores: number }): number =>
  scores > 0 ? undefinedScores / scores : 0;

const total = (parts: readonly { readonly scores: number; readonly undefinedScores: number }[]) => ({
  scores: parts.reduce((sum, part) => sum + part.scores, 0),
  undefinedScores: parts.reduce((sum, part) => sum + part.undefinedScores, 0),
});

function metricRow(pair: Arranged, order: StageOrder, stages: readonly string[], weights: Resamples, options: EvaluateOptions): MetricRow {
  const last = stages.at(-1) ?? "";
  // A floor is taken once, at the last stage; independent blocks have their own where the floor was measured for each.
  const tallies = (stage: string): [string, Tally][] =>
    [...pair.nulls].flatMap(([name, byStage]): [string, Tally][] => {
      const found = (order === "independent" ? byStage.get(stage) : undefined) ?? byStage.get(last) ?? byStage.get("");
      return found ? [[name, found]] : [];
    });
  const floors = new Map<string, { at: ReturnType<typeof floorOf>; nulls: Record<string, number | null>; resampled: Float64Array }>();
  const floorAt = (stage: string) => {
    const known = floors.get(stage);
    if (known) return known;
    const found = tallies(stage);
    const nulls = Object.fromEntries(found.map(([name, { cells }]) => [name, mean(cells)]));
    const means = found.map(([, { cells }]) => resampledMeans(cells, weights));
    const resampled = Float64Array.from({ length: weights.resamples }, (_, b) =>
      means.reduce((most, of) => (Number.isNaN(most) || (of[b] ?? Number.NaN) > most ? (of[b] ?? Number.NaN) : most), Number.NaN),
    );
    const made = { at: floorOf(nulls), nulls, resampled };
    floors.set(stage, made);
    return made;
  };
  const resampledKappas: Float64Array[] = [];
  const rows = [TRAINED, ...stages].map((stage, index): StageRow => {
    const tally = pair.stages.get(stage);
    const { at: f, resampled: fs } = floorAt(index === 0 ? last : stage);
    const s = tally ? mean(tally.cells) : null;
    const means = tally ? resampledMeans(tally.cells, weights) : new Float64Array(0);
    const resamplable = weights.draws > 1 || weights.images > 1;
    const scoreInterval = resamplable ? percentileInterval(means, CONFIDENCE) : null;
    const kappas = means.map((value, b) => kappa(value, fs[b] ?? Number.NaN) ?? Number.NaN);
    const kappaInterval = resamplable && index > 0 && f ? percentileInterval(kappas, CONFIDENCE) : null;
    if (index > 0) resampledKappas.push(kappas);
    const ties = tally?.ties ?? 0;
    return {
      stage,
      index,
      score: s,
      scoreLow: scoreInterval?.low ?? null,
      scoreHigh: scoreInterval?.high ?? null,
      kappa: index > 0 ? kappa(s, f?.value ?? null) : null,
      kappaLow: kappaInterval?.low ?? null,
      kappaHigh: kappaInterval?.high ?? null,
      scores: tally?.scores ?? 0,
      undefinedScores: tally?.undefinedScores ?? 0,
      ties,
      tieNull: tally && isAbsoluteSpearman(pair) ? tieNull(ties) : null,
      floor: f?.value ?? null,
    };
  });
  const randomized = rows.slice(1);
  const counted = total(randomized);
  const floorTallies = tallies(last).map(([, tally]) => tally);
  const deciding = order === "independent" ? randomized : [randomized[middleOf(stages.length)], randomized.at(-1)].filter((row) => !!row);
  const f = floorAt(last);
  // For independent blocks the metric informs as long as chance leaves room for the block where it leaves least.
  const worst = order === "independent" ? largest(randomized.map((row) => row.floor)) : (f.at?.value ?? null);
  const undefinedShare = Math.max(share(counted), ...deciding.map(share), share(total(floorTallies)));
  const judgement = judgeMetric({ order, floor: worst, undefinedShare, stages: randomized }, options);
  return {
    method: pair.method,
    metric: pair.metric,
    uses: pair.uses,
    view: pair.view,
    ...judgement,
    floor: f.at?.value ?? null,
    nulls: f.nulls,
    floorFrom: f.at?.from ?? null,
    informative: worst !== null && 1 - worst >= options.margin,
    ...counted,
    ...crossing(order === "cascading" ? stages : [], randomized, resampledKappas, options.threshold),
    stages: rows,
  };
}

const largest = (values: readonly (number | null)[]): number | null =>
  values.reduce((most, value) => (value !== null && (most === null || value > most) ? value : most), null);

/** The first stage where κ is below the threshold, and the interval of that stage over the resamples. */
function crossing(stages: readonly string[], rows: readonly StageRow[], resampled: readonly Float64Array[], threshold: number) {
  const first = rows.findIndex((row) => row.kappa !== null && row.kappa < threshold);
  const count = resampled[0]?.length ?? 0;
  const firsts = Float64Array.from({ length: count }, (_, b) => {
    const found = resampled.findIndex((kappas) => (kappas[b] ?? Number.NaN) < threshold);
    return found < 0 ? stages.length : found;
  }).sort();
  const name = (index: number): string | null => stages[index] ?? null;
  return {
    firstBelow: name(first),
    firstBelowLow: count > 0 ? name(Math.floor(quantile(firsts, (1 - CONFIDENCE) / 2))) : null,
    firstBelowHigh: count > 0 ? name(Math.ceil(quantile(firsts, (1 + CONFIDENCE) / 2))) : null,
  };
}

function methodRows({ draws, images, pairs }: Arrangement, { explainers }: ScoresInput, metrics: readonly MetricRow[]): MethodRow[] {
  return [...groupBy(metrics, (row) => row.method)].map(([method, rows]) => {
    const explainer = pairs.find((pair) => pair.method === method)?.explainer ?? "";
    const facts = explainers[explainer];
    const { verdict, reason, blindTo, deciding } = judgeMethod(rows);
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
      metric: deciding?.row.metric ?? null,
      stage: deciding?.stage.stage ?? null,
      kappa: deciding?.stage.kappa ?? null,
      kappaLow: deciding?.stage.kappaLow ?? null,
      kappaHigh: deciding?.stage.kappaHigh ?? null,
      finalStage: final?.stage ?? "",
      finalKappa: final?.kappa ?? null,
      finalKappaLow: final?.kappaLow ?? null,
      finalKappaHigh: final?.kappaHigh ?? null,
      draws: Math.max(draws.length, 1),
      images: images.length,
      ...total(rows),
    };
  });
}

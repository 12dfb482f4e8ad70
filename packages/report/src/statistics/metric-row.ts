import type { StageOrder } from "@assay/core/plugin";
import type { Arranged, Tally } from "./arrange.js";
import { mean, percentileInterval, quantile, resampledMeans, type Interval, type Resamples } from "./bootstrap.js";
import { floorsOf, type Floor } from "./floor.js";
import { isAbsoluteSpearman, judgeMetric, middleOf, type Limits, type UndefinedShare } from "./judge.js";
import { kappa, tieNull } from "./kappa.js";
import { excessOverTwin, rhoOf, twinOf, type Twin } from "./twin.js";
import type { MetricRow, StageRow } from "./verdict-report.js";

export const CONFIDENCE = 0.95;
export const TRAINED = "trained";

interface Count {
  readonly scores: number;
  readonly undefinedScores: number;
}

export const total = (parts: readonly Count[]): Count => ({
  scores: parts.reduce((sum, part) => sum + part.scores, 0),
  undefinedScores: parts.reduce((sum, part) => sum + part.undefinedScores, 0),
});

/** One method by one metric: every stage with its intervals, and the verdict. */
export function metricRow(pair: Arranged, order: StageOrder, stages: readonly string[], weights: Resamples, limits: Limits): MetricRow {
  const floorAt = floorsOf(pair, order, stages, weights);
  const twin = twinOf(pair, weights, CONFIDENCE);
  const last = stages.at(-1) ?? "";
  const absoluteSpearman = isAbsoluteSpearman(pair);
  const measured = [TRAINED, ...stages].map((stage, index) =>
    stageRow(stage, index, pair.stages.get(stage), floorAt(index === 0 ? last : stage), weights, absoluteSpearman, twin, limits.threshold),
  );
  const rows = measured.map(({ row }) => row);
  const randomized = rows.slice(1);
  const floor = floorAt(last);
  // For independent blocks the metric informs as long as chance leaves room for the block where it leaves least.
  const own = order === "independent" ? largest(randomized.map((row) => row.floor)) : floor.value;
  const worst = twin && own !== null ? largest([own, twin.row.floor]) : own;
  const counted = total(randomized);
  const undefinedShares = {
    overall: shareOf(counted),
    largest: largestShare(order, randomized, order === "independent" ? stages.map(floorAt) : [floor], twin),
  };
  const judgement = judgeMetric({ order, floor: worst, undefinedShares, stages: randomized, ...(twin && { twin: twin.row }) }, limits);
  const resampled = measured.slice(1).map(({ kappas }) => kappas);
  return {
    method: pair.method,
    metric: pair.metric,
    uses: pair.uses,
    view: pair.view,
    ...judgement,
    floor: floor.value,
    nulls: floor.nulls,
    floorFrom: floor.from,
    informative: worst !== null && 1 - worst >= limits.margin,
    twin: twin?.row ?? null,
    ...counted,
    ...crossing(order === "independent" ? [] : stages, randomized, resampled, limits.threshold),
    stages: rows,
  };
}

function stageRow(
  stage: string,
  index: number,
  tally: Tally | undefined,
  floor: Floor,
  weights: Resamples,
  absoluteSpearman: boolean,
  twin: Twin | undefined,
  threshold: number,
) {
  const s = tally ? mean(tally.cells) : null;
  const means = tally ? resampledMeans(tally.cells, weights) : new Float64Array(0);
  const kappas = means.map((value, b) => kappa(value, floor.resampled[b] ?? Number.NaN) ?? Number.NaN);
  const resamplable = weights.draws > 1 || weights.images > 1;
  const scoreInterval = resamplable ? percentileInterval(means, CONFIDENCE) : null;
  const kappaInterval = resamplable && index > 0 && floor.value !== null ? percentileInterval(kappas, CONFIDENCE) : null;
  const value = index > 0 ? kappa(s, floor.value) : null;
  const excess = kappaInterval && (twin ? excessOverTwin(kappas, twin, threshold, CONFIDENCE) : above(kappaInterval, threshold));
  const ties = tally?.ties ?? 0;
  const row: StageRow = {
    stage,
    index,
    score: s,
    scoreLow: scoreInterval?.low ?? null,
    scoreHigh: scoreInterval?.high ?? null,
    kappa: value,
    kappaLow: kappaInterval?.low ?? null,
    kappaHigh: kappaInterval?.high ?? null,
    ...(twin && index > 0 ? rhoOf(value, kappas, twin, CONFIDENCE) : { rho: null, rhoLow: null, rhoHigh: null }),
    excessLow: excess?.low ?? null,
    excessHigh: excess?.high ?? null,
    scores: tally?.scores ?? 0,
    undefinedScores: tally?.undefinedScores ?? 0,
    ties,
    tieNull: tally && absoluteSpearman ? tieNull(ties) : null,
    floor: floor.value,
  };
  return { row, kappas };
}

const above = ({ low, high }: Interval, threshold: number): Interval => ({ low: low - threshold, high: high - threshold });

const shareOf = ({ scores, undefinedScores }: Count): number => (scores > 0 ? undefinedScores / scores : 0);

/** Where most is missing of what a verdict rests on: the stages that decide, and their floor. */
function largestShare(order: StageOrder, stages: readonly StageRow[], floors: readonly Floor[], twin: Twin | undefined): UndefinedShare {
  const ends = order === "graded" ? [stages.at(-1)] : [stages[middleOf(stages.length)], stages.at(-1)];
  const deciding = order === "independent" ? stages : ends.filter((row) => row !== undefined);
  const of = (where: string, count: Count): UndefinedShare => ({ where, share: shareOf(count) });
  return [
    ...deciding.map((row) => of(`at ${row.stage}`, row)),
    ...(twin ? [of("of the twin", total(twin.tallies))] : []),
    ...floors.map(({ stage, tallies }) => of(stage === null ? "in the floor" : `in the floor of ${stage}`, total(tallies))),
  ].reduce((most, next) => (next.share > most.share ? next : most));
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

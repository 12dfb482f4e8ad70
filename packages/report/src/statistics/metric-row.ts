import type { StageOrder } from "@assay/core/plugin";
import type { Arranged, Tally } from "./arrange.js";
import { kappaOf, meanOf, type Estimate } from "./estimate.js";
import { floorsOf, type Floor } from "./floor.js";
import { around, intervalOf, uncertaintyOf, type Design } from "./interval.js";
import type { BareRow } from "./claims.js";
import { detectableBy } from "./detectable.js";
import { decidingOf, isAbsoluteSpearman, judgeMetric, type Limits, type UndefinedShare } from "./judge.js";
import { kappa, tieNull } from "./kappa.js";
import { tailsOf } from "./p-value.js";
import { reliabilityOf } from "./reliability.js";
import { excessOverTwin, rhoOf, twinOf, type Twin } from "./twin.js";
import type { RandomRow, StageRow } from "./verdict-report.js";

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

/** One method by one metric: every stage with its intervals, and the verdict by itself. */
export function metricRow(pair: Arranged, order: StageOrder, stages: readonly string[], design: Design, limits: Limits): BareRow {
  const floorAt = floorsOf(pair, order, stages, design.draws);
  const twin = twinOf(pair, design, CONFIDENCE);
  const last = stages.at(-1) ?? "";
  const absoluteSpearman = isAbsoluteSpearman(pair);
  const rows = [TRAINED, ...stages].map((stage, index) =>
    stageRow(stage, index, pair.stages.get(stage), floorAt(index === 0 ? last : stage), design, absoluteSpearman, twin, limits.threshold),
  );
  const randomized = rows.slice(1);
  const floor = floorAt(last);
  // For independent blocks the metric informs as long as chance leaves room for the block where it leaves least.
  const own = order === "independent" ? largest(randomized.map((row) => row.floor)) : (floor.estimate?.value ?? null);
  const worst = twin && own !== null ? largest([own, twin.row.floor]) : own;
  const counted = total(randomized);
  const undefinedShares = {
    overall: shareOf(counted),
    largest: largestShare(order, randomized, order === "independent" ? stages.map(floorAt) : [floor], twin),
  };
  const judgement = judgeMetric({ order, floor: worst, undefinedShares, stages: randomized, ...(twin && { twin: twin.row }) }, limits);
  return {
    method: pair.method,
    metric: pair.metric,
    uses: pair.uses,
    view: pair.view,
    ...judgement,
    floor: floor.estimate?.value ?? null,
    nulls: floor.nulls,
    floorFrom: floor.from,
    informative: worst !== null && 1 - worst >= limits.margin,
    twin: twin?.row ?? null,
    random: pair.random ? randomRow(pair.random, floor, design) : null,
    ...counted,
    ...crossing(order === "independent" ? [] : stages, randomized, limits.threshold),
    stages: rows,
  };
}

function stageRow(
  stage: string,
  index: number,
  tally: Tally | undefined,
  floor: Floor,
  design: Design,
  absoluteSpearman: boolean,
  twin: Twin | undefined,
  threshold: number,
): StageRow {
  const score = tally ? meanOf(tally.cells, design.draws) : null;
  const scoreInterval = score && intervalOf(score, design, CONFIDENCE);
  const kappa = index > 0 ? kappaOf(score, floor.estimate) : null;
  const uncertainty = kappa && uncertaintyOf(kappa, design);
  const interval = uncertainty && around(kappa.value, uncertainty, CONFIDENCE);
  const excess = kappa && (twin ? excessOverTwin(kappa, twin, threshold) : { ...kappa, value: kappa.value - threshold });
  const ties = tally?.ties ?? 0;
  return {
    stage,
    index,
    score: score?.value ?? null,
    scoreLow: scoreInterval?.low ?? null,
    scoreHigh: scoreInterval?.high ?? null,
    kappa: kappa?.value ?? null,
    kappaLow: interval?.low ?? null,
    kappaHigh: interval?.high ?? null,
    ...(twin && index > 0 ? rhoOf(kappa, twin, design, CONFIDENCE) : { rho: null, rhoLow: null, rhoHigh: null }),
    ...sides(excess, design),
    detectable: uncertainty && detectableBy(uncertainty, CONFIDENCE),
    reliability: tally ? reliabilityOf(tally.cells) : null,
    scores: tally?.scores ?? 0,
    undefinedScores: tally?.undefinedScores ?? 0,
    ties,
    tieNull: tally && absoluteSpearman ? tieNull(ties) : null,
    floor: floor.estimate?.value ?? null,
  };
}

function randomRow({ cells }: Tally, floor: Floor, design: Design): RandomRow {
  const score = meanOf(cells, design.draws);
  const interval = score && intervalOf(score, design, CONFIDENCE);
  return {
    score: score?.value ?? null,
    scoreLow: interval?.low ?? null,
    scoreHigh: interval?.high ?? null,
    kappa: kappa(score?.value ?? null, floor.estimate?.value ?? null),
  };
}

/** On which side of 0 the excess lies: its interval, and the p-value of either side. */
function sides(excess: Estimate | null, design: Design): Pick<StageRow, "excessLow" | "excessHigh" | "pAbove" | "pBelow"> {
  const uncertainty = excess && uncertaintyOf(excess, design);
  if (!uncertainty) return { excessLow: null, excessHigh: null, pAbove: null, pBelow: null };
  const { low, high } = around(excess.value, uncertainty, CONFIDENCE);
  const { above, below } = tailsOf(excess.value, uncertainty);
  return { excessLow: low, excessHigh: high, pAbove: above, pBelow: below };
}

const shareOf = ({ scores, undefinedScores }: Count): number => (scores > 0 ? undefinedScores / scores : 0);

/** Where most is missing of what a verdict rests on: the stages that decide, and their floor. */
function largestShare(order: StageOrder, stages: readonly StageRow[], floors: readonly Floor[], twin: Twin | undefined): UndefinedShare {
  const of = (where: string, count: Count): UndefinedShare => ({ where, share: shareOf(count) });
  return [
    ...decidingOf(stages, order).map((row) => of(`at ${row.stage}`, row)),
    ...(twin ? [of("of the twin", total(twin.tallies))] : []),
    ...floors.map(({ stage, tallies }) => of(stage === null ? "in the floor" : `in the floor of ${stage}`, total(tallies))),
  ].reduce((most, next) => (next.share > most.share ? next : most));
}

const largest = (values: readonly (number | null)[]): number | null =>
  values.reduce((most, value) => (value !== null && (most === null || value > most) ? value : most), null);

/** The first stage where κ is below the threshold; at the earliest where its lower bound is, at the latest where its upper bound is. */
function crossing(stages: readonly string[], rows: readonly StageRow[], threshold: number) {
  const first = (of: (row: StageRow) => number | null): string | null =>
    stages[rows.findIndex((row) => (of(row) ?? Number.POSITIVE_INFINITY) < threshold)] ?? null;
  return {
    firstBelow: first(({ kappa }) => kappa),
    firstBelowLow: first(({ kappaLow }) => kappaLow),
    firstBelowHigh: first(({ kappaHigh }) => kappaHigh),
  };
}

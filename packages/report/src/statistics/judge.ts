import type { StageOrder } from "@assay/core/plugin";
import { percent } from "../numbers.js";
import { LEAST_TWIN } from "./twin.js";
import type { MetricRow, StageRow, TwinRow, Verdict } from "./verdict-report.js";

/** The numbers that a verdict compares with, all printed in the report. */
export interface Limits {
  readonly threshold: number;
  readonly margin: number;
  readonly undefinedLimit: number;
}

/** A share of undefined scores, 0 … 1, and where: `at conv1`, `in the floor`, `in the floor of fc1`. */
export interface UndefinedShare {
  readonly share: number;
  readonly where: string;
}

/** What the verdict of one metric is made from; `stages` are 1 … K in order. */
export interface MetricEvidence {
  readonly order: StageOrder;
  readonly floor: number | null;
  readonly undefinedShares: {
    /** of all stages together, 0 … 1 */
    readonly overall: number;
    /** the largest of each stage that decides and of the floor (of every block's, where blocks have their own) */
    readonly largest: UndefinedShare;
  };
  readonly stages: readonly StageRow[];
  readonly twin?: TwinRow;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly blindTo: readonly string[];
}

export interface MetricJudgement extends Judgement {
  /** nothing stood in the way of comparing its intervals with the threshold */
  readonly judged: boolean;
}

/** ⌈K/2⌉ of stages 1 … K, as an index into them. */
export const middleOf = (stages: number): number => Math.ceil(stages / 2) - 1;

export const oneOf = (blocks: readonly string[]): string => new Intl.ListFormat("en", { type: "disjunction" }).format(blocks);
const word = (value: number): string => value.toFixed(2);

const say = (verdict: Verdict, reason: string, blindTo: readonly string[] = []): Judgement => ({ verdict, reason, blindTo });

/** The verdict of one metric on one method. */
export function judgeMetric(evidence: MetricEvidence, limits: Limits): MetricJudgement {
  const obstacle = obstacleOf(evidence, limits);
  return obstacle ? { ...obstacle, judged: false } : { ...judgeStages(evidence, limits), judged: true };
}

/** What keeps a metric from telling anything. */
function obstacleOf({ order, floor, undefinedShares, stages, twin }: MetricEvidence, { margin, undefinedLimit }: Limits): Judgement | null {
  const { overall, largest } = undefinedShares;
  if (overall > undefinedLimit)
    return say("inconclusive", `${percent(overall)} of the scores are undefined, more than ${percent(undefinedLimit)}`);
  if (largest.share >= 0.5)
    return say("inconclusive", `${percent(largest.share)} of the scores ${largest.where} are undefined, half or more`);
  if (floor === null) return say("inconclusive", "no floor was measured, so likeness cannot be told from chance");
  if (1 - floor < margin) {
    return say("uninformative", `chance alone gives ${floor.toFixed(3)}, so this metric cannot tell for this method on these data`);
  }
  if (twin?.kappaHigh === null) return say("inconclusive", "the likeness to the twin has no interval: more draws or images are needed");
  if (twin && twin.kappaHigh < LEAST_TWIN) {
    return say(
      "irreproducible",
      `retraining alone leaves no more than κ = ${word(twin.kappaHigh)}, so there is nothing to measure against`,
    );
  }
  if (stages.length === 0) return say("inconclusive", "there is no randomized stage");
  if (decidingOf(stages, order).some((row) => sideOf(row) === null)) {
    if (order === "independent") return say("inconclusive", "a block has no interval");
    return say("inconclusive", "a deciding stage has no interval: more draws or images are needed");
  }
  return null;
}

/** The stages that a verdict compares with the threshold: half-way and last, the last of several doses, every single block. */
export function decidingOf<T>(stages: readonly T[], order: StageOrder): T[] {
  if (order === "independent") return [...stages];
  const last = stages.slice(-1);
  const middle = middleOf(stages.length);
  return order === "graded" || middle === stages.length - 1 ? last : [...stages.slice(middle, middle + 1), ...last];
}

function judgeStages({ order, stages, twin }: MetricEvidence, { threshold }: Limits): Judgement {
  const letter = twin ? "ρ" : "κ";
  const deciding = decidingOf(stages, order);
  if (order === "independent") return judgeBlocks(deciding, letter, threshold);
  const [middle, last] = [deciding[0]!, deciding.at(-1)!];
  const [middleSide, lastSide] = [sideOf(middle), sideOf(last)];
  if (lastSide === "above") {
    const where = order === "graded" ? `at ${last.stage}` : `even at ${last.stage}`;
    return say("insensitive", `${letter} stays above ${word(threshold)} ${where}`);
  }
  if (lastSide === "below" && middleSide === "above") {
    return say("late", `${letter} is still above ${word(threshold)} at ${middle.stage} and falls below it by ${last.stage}`);
  }
  if (lastSide === "below" && middleSide === "below") {
    const where = middle === last ? `at ${last.stage}` : `at ${middle.stage} and at ${last.stage}`;
    return say("sensitive", `${letter} is below ${word(threshold)} ${where}`);
  }
  const doubtful = lastSide === "across" ? last : middle;
  return say("inconclusive", `the interval of ${letter} at ${doubtful.stage} reaches across ${word(threshold)}`);
}

/** On which side of the threshold κ (with a twin ρ) lies with its whole interval; null without one. */
function sideOf({ excessLow, excessHigh }: StageRow): "above" | "below" | "across" | null {
  if (excessLow === null || excessHigh === null) return null;
  if (excessLow > 0) return "above";
  return excessHigh < 0 ? "below" : "across";
}

function judgeBlocks(stages: readonly StageRow[], letter: string, threshold: number): Judgement {
  const blind = stages.filter((row) => sideOf(row) === "above").map(({ stage }) => stage);
  if (blind.length > 0) return say("blind", `${letter} stays above ${word(threshold)} when ${oneOf(blind)} alone is redrawn`, blind);
  if (stages.every((row) => sideOf(row) === "below")) {
    return say("sensitive", `${letter} is below ${word(threshold)} whichever block is redrawn`);
  }
  const open = stages.filter((row) => sideOf(row) !== "below").map(({ stage }) => stage);
  return say("inconclusive", `the interval of ${letter} reaches across ${word(threshold)} when ${oneOf(open)} alone is redrawn`);
}

/** Absolute maps share their zeros, which Spearman reads as agreement: it may support a verdict, never carry it alone. */
export const isAbsoluteSpearman = ({ uses, view }: Pick<MetricRow, "uses" | "view">): boolean => uses === "spearman" && view === "absolute";

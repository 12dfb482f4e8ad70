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

export interface MetricJudgement {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly blindTo: readonly string[];
}

/** ⌈K/2⌉ of stages 1 … K, as an index into them. */
export const middleOf = (stages: number): number => Math.ceil(stages / 2) - 1;

const oneOf = (blocks: readonly string[]): string => new Intl.ListFormat("en", { type: "disjunction" }).format(blocks);
const word = (value: number): string => value.toFixed(2);

/** The verdict of one metric on one method. */
export function judgeMetric({ order, floor, undefinedShares, stages, twin }: MetricEvidence, limits: Limits): MetricJudgement {
  const say = (verdict: Verdict, reason: string, blindTo: readonly string[] = []): MetricJudgement => ({ verdict, reason, blindTo });
  const { threshold, margin, undefinedLimit } = limits;
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
  const letter = twin ? "ρ" : "κ";
  const last = stages.at(-1);
  // Doses of one treatment: the last one is judged.
  const middle = order === "graded" ? last : stages[middleOf(stages.length)];
  if (!middle || !last) return say("inconclusive", "there is no randomized stage");
  if (stages.some(({ excessLow, excessHigh }) => excessLow === null || excessHigh === null) && order === "independent") {
    return say("inconclusive", "a block has no interval");
  }
  if (order === "independent") return judgeBlocks(stages, letter, threshold, say);
  const [middleSide, lastSide] = [sideOf(middle), sideOf(last)];
  if (middleSide === null || lastSide === null) {
    return say("inconclusive", "a deciding stage has no interval: more draws or images are needed");
  }
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

function judgeBlocks(
  stages: readonly StageRow[],
  letter: string,
  threshold: number,
  say: (verdict: Verdict, reason: string, blindTo?: readonly string[]) => MetricJudgement,
): MetricJudgement {
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

export interface MethodJudgement extends MetricJudgement {
  /** the metric that decides and the stage where it does; null where no metric is informative */
  readonly deciding: { readonly row: MetricRow; readonly stage: StageRow } | null;
}

/** The verdict of a method over its metrics: the worst that an informative metric other than absolute Spearman says. */
export function judgeMethod(rows: readonly MetricRow[], order: StageOrder): MethodJudgement {
  const telling = rows.filter((row) => row.informative);
  const informative = telling.filter((row) => row.verdict !== "irreproducible");
  const trusted = informative.filter((row) => !isAbsoluteSpearman(row));
  const say = (verdict: Verdict, rowsBehind: readonly MetricRow[], reason?: string, blindTo: readonly string[] = []): MethodJudgement => {
    const deciding = strongest(verdict, rowsBehind, order);
    return { verdict, reason: reason ?? deciding?.row.reason ?? "", blindTo, deciding };
  };
  if (telling.length === 0) return say("inconclusive", [], noneInforms(rows));
  if (informative.length === 0)
    return say("irreproducible", telling, "retraining alone destroys these maps, by every metric that can tell");
  if (trusted.length === 0) {
    return say("inconclusive", informative, "only absolute Spearman is informative, and a verdict never rests on it alone");
  }
  for (const verdict of ["insensitive", "blind", "late"] as const) {
    const behind = trusted.filter((row) => row.verdict === verdict);
    const blindTo = [...new Set(behind.flatMap((row) => row.blindTo))];
    if (behind.length > 0) {
      const reason = verdict === "blind" ? `${behind[0]?.twin ? "ρ" : "κ"} stays high when ${oneOf(blindTo)} alone is redrawn` : undefined;
      return say(verdict, behind, reason, blindTo);
    }
  }
  if (informative.every((row) => row.verdict === "sensitive")) return say("sensitive", trusted);
  const alone = informative.find((row) => isAbsoluteSpearman(row) && ["insensitive", "blind", "late"].includes(row.verdict));
  const open = trusted.filter((row) => row.verdict === "inconclusive");
  if (open.length > 0) return say("inconclusive", open);
  if (alone) return say("inconclusive", trusted, `only absolute Spearman says ${alone.verdict}, and a verdict never rests on it alone`);
  return say(
    "inconclusive",
    informative.filter((row) => row.verdict === "inconclusive"),
  );
}

function noneInforms(rows: readonly MetricRow[]): string {
  if (rows.length > 0 && rows.every((row) => row.floor === null)) return "no floor was measured, so likeness cannot be told from chance";
  return "no metric is informative: chance alone already makes these maps alike";
}

/** The stages that a verdict can rest on, as indices into `stages` with stage 0. */
function decidingStages(verdict: Verdict, row: MetricRow, order: StageOrder): readonly number[] {
  const last = row.stages.length - 1;
  const middle = middleOf(last) + 1;
  if (order === "independent") {
    const blocks = row.stages.slice(1);
    return blocks.filter(({ stage }) => verdict !== "blind" || row.blindTo.includes(stage)).map(({ index }) => index);
  }
  if (verdict === "insensitive" || verdict === "irreproducible" || order === "graded") return [last];
  return verdict === "late" ? [middle] : [middle, last];
}

/** Where the evidence for a verdict is strongest; for `sensitive` and `inconclusive`, where it is nearest to failing. */
function strongest(verdict: Verdict, rows: readonly MetricRow[], order: StageOrder): MethodJudgement["deciding"] {
  const candidates = rows.flatMap((row) =>
    decidingStages(verdict, row, order).flatMap((index) => {
      const stage = row.stages[index];
      return stage ? [{ row, stage }] : [];
    }),
  );
  const strength = ({ stage }: { readonly stage: StageRow }): number =>
    (verdict === "insensitive" || verdict === "blind" || verdict === "late" ? stage.excessLow : stage.excessHigh) ??
    Number.NEGATIVE_INFINITY;
  return candidates.reduce<MethodJudgement["deciding"]>(
    (best, candidate) => (best === null || strength(candidate) > strength(best) ? candidate : best),
    null,
  );
}

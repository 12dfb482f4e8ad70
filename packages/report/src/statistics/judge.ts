import type { StageOrder } from "@assay/core/plugin";
import { percent } from "../numbers.js";
import type { MetricRow, StageRow, Verdict } from "./verdict-report.js";

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
export function judgeMetric({ order, floor, undefinedShares, stages }: MetricEvidence, limits: Limits): MetricJudgement {
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
  const middle = stages[middleOf(stages.length)];
  const last = stages.at(-1);
  if (!middle || !last) return say("inconclusive", "there is no randomized stage");
  if (stages.some(({ kappaLow, kappaHigh }) => kappaLow === null || kappaHigh === null) && order === "independent") {
    return say("inconclusive", "a block has no interval");
  }
  if (order === "independent") return judgeBlocks(stages, threshold, say);
  if (middle.kappaLow === null || middle.kappaHigh === null || last.kappaLow === null || last.kappaHigh === null) {
    return say("inconclusive", "a deciding stage has no interval: more draws or images are needed");
  }
  if (last.kappaLow > threshold) return say("insensitive", `κ stays above ${word(threshold)} even at ${last.stage}`);
  if (last.kappaHigh < threshold && middle.kappaLow > threshold) {
    return say("late", `κ is still above ${word(threshold)} at ${middle.stage} and falls below it by ${last.stage}`);
  }
  if (last.kappaHigh < threshold && middle.kappaHigh < threshold) {
    return say("sensitive", `κ is below ${word(threshold)} at ${middle.stage} and at ${last.stage}`);
  }
  const doubtful = last.kappaHigh >= threshold ? last : middle;
  return say("inconclusive", `the interval of κ at ${doubtful.stage} reaches across ${word(threshold)}`);
}

function judgeBlocks(
  stages: readonly StageRow[],
  threshold: number,
  say: (verdict: Verdict, reason: string, blindTo?: readonly string[]) => MetricJudgement,
): MetricJudgement {
  const blind = stages.filter(({ kappaLow }) => kappaLow !== null && kappaLow > threshold).map(({ stage }) => stage);
  if (blind.length > 0) return say("blind", `κ stays above ${word(threshold)} when ${oneOf(blind)} alone is redrawn`, blind);
  if (stages.every(({ kappaHigh }) => kappaHigh !== null && kappaHigh < threshold)) {
    return say("sensitive", `κ is below ${word(threshold)} whichever block is redrawn`);
  }
  const open = stages.filter(({ kappaHigh }) => kappaHigh === null || kappaHigh >= threshold).map(({ stage }) => stage);
  return say("inconclusive", `the interval of κ reaches across ${word(threshold)} when ${oneOf(open)} alone is redrawn`);
}

/** Absolute maps share their zeros, which Spearman reads as agreement: it may support a verdict, never carry it alone. */
export const isAbsoluteSpearman = ({ uses, view }: Pick<MetricRow, "uses" | "view">): boolean => uses === "spearman" && view === "absolute";

export interface MethodJudgement extends MetricJudgement {
  /** the metric that decides and the stage where it does; null where no metric is informative */
  readonly deciding: { readonly row: MetricRow; readonly stage: StageRow } | null;
}

/** The verdict of a method over its metrics: the worst that an informative metric other than absolute Spearman says. */
export function judgeMethod(rows: readonly MetricRow[], order: StageOrder): MethodJudgement {
  const informative = rows.filter((row) => row.informative);
  const trusted = informative.filter((row) => !isAbsoluteSpearman(row));
  const say = (verdict: Verdict, rowsBehind: readonly MetricRow[], reason?: string, blindTo: readonly string[] = []): MethodJudgement => {
    const deciding = strongest(verdict, rowsBehind, order);
    return { verdict, reason: reason ?? deciding?.row.reason ?? "", blindTo, deciding };
  };
  if (informative.length === 0) return say("inconclusive", [], noneInforms(rows));
  if (trusted.length === 0) {
    return say("inconclusive", informative, "only absolute Spearman is informative, and a verdict never rests on it alone");
  }
  for (const verdict of ["insensitive", "blind", "late"] as const) {
    const behind = trusted.filter((row) => row.verdict === verdict);
    const blindTo = [...new Set(behind.flatMap((row) => row.blindTo))];
    if (behind.length > 0) {
      const reason = verdict === "blind" ? `κ stays high when ${oneOf(blindTo)} alone is redrawn` : undefined;
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
  if (verdict === "insensitive") return [last];
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
    (verdict === "sensitive" || verdict === "inconclusive" ? stage.kappaHigh : stage.kappaLow) ?? Number.NEGATIVE_INFINITY;
  return candidates.reduce<MethodJudgement["deciding"]>(
    (best, candidate) => (best === null || strength(candidate) > strength(best) ? candidate : best),
    null,
  );
}

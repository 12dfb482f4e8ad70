import type { StageOrder } from "@assay/core/plugin";
import { pValue } from "../numbers.js";
import { holds } from "./claims.js";
import { decidingOf, isAbsoluteSpearman, oneOf, type Judgement } from "./judge.js";
import type { Claim, ClaimFamilies, MetricRow, StageRow, Verdict } from "./verdict-report.js";

export interface MethodJudgement extends Judgement {
  /** adjusted p-value of the verdict; null where nothing is claimed */
  readonly pAdjusted: number | null;
  /** the metric that decides and the stage where it does; null where no metric is informative */
  readonly deciding: Deciding | null;
}

interface Deciding {
  readonly row: MetricRow;
  readonly stage: StageRow;
}

/** What one metric is enough for, the gravest first. */
const CHARGES = ["insensitive", "blind", "late"] as const satisfies readonly Verdict[];
const isCharge = (verdict: Verdict): boolean => CHARGES.some((charge) => charge === verdict);

/**
 * The verdict of a method over its metrics: the worst that an informative metric other than absolute Spearman says, as far as it holds
 * among all claims of the report; `own` are the claims that all metrics of the method make together.
 */
export function judgeMethod(
  rows: readonly MetricRow[],
  own: readonly Claim[],
  { charges, clearances }: ClaimFamilies,
  order: StageOrder,
): MethodJudgement {
  const telling = rows.filter((row) => row.informative);
  const informative = telling.filter((row) => row.verdict !== "irreproducible");
  const trusted = informative.filter((row) => !isAbsoluteSpearman(row));
  const open = (behind: readonly MetricRow[], reason?: string): MethodJudgement => {
    const deciding = strongest("inconclusive", behind, order);
    return { verdict: "inconclusive", reason: reason ?? deciding?.row.reason ?? "", blindTo: [], pAdjusted: null, deciding };
  };
  /** What every metric says, if it holds. */
  const agreed = (verdict: Verdict, behind: readonly MetricRow[], reason?: string): MethodJudgement => {
    const claim = own.find((each) => each.verdict === verdict);
    if (!claim || !holds(claim)) return open(behind, doubt(`every metric says ${verdict}`, clearances, claim));
    const deciding = strongest(verdict, behind, order);
    return { verdict, reason: reason ?? deciding?.row.reason ?? "", blindTo: [], pAdjusted: claim.pAdjusted, deciding };
  };

  if (telling.length === 0) return open([], noneInforms(rows));
  if (informative.length === 0)
    return agreed("irreproducible", telling, "retraining alone destroys these maps, by every metric that can tell");
  if (trusted.length === 0) return open(informative, "only absolute Spearman is informative, and a verdict never rests on it alone");
  for (const verdict of CHARGES) {
    const charged = charge(verdict, trusted, order);
    if (charged) return charged;
  }
  const doubted = strongest("inconclusive", trusted.filter((row) => isCharge(row.verdict)), order); // prettier-ignore
  if (doubted) {
    const { metric, verdict, claims } = doubted.row;
    const weak = claims.filter((claim) => claim.verdict === verdict).sort((a, b) => a.p - b.p)[0];
    return open([doubted.row], doubt(`${metric} says ${verdict}`, charges, weak));
  }
  if (informative.every((row) => row.verdict === "sensitive")) return agreed("sensitive", trusted);
  const alone = informative.find((row) => isAbsoluteSpearman(row) && isCharge(row.verdict));
  const undecided = trusted.filter((row) => row.verdict === "inconclusive");
  if (undecided.length > 0) return open(undecided);
  if (alone) return open(trusted, `only absolute Spearman says ${alone.verdict}, and a verdict never rests on it alone`);
  return open(informative.filter((row) => row.verdict === "inconclusive"));
}

/** A charge by one metric or several, where it holds. */
function charge(verdict: Verdict, trusted: readonly MetricRow[], order: StageOrder): MethodJudgement | null {
  const held = (row: MetricRow): Claim[] => row.claims.filter((claim) => claim.verdict === verdict && holds(claim));
  const behind = trusted.filter((row) => row.verdict === verdict && held(row).length > 0);
  const blindTo = [...new Set(behind.flatMap(held).flatMap(({ block }) => block ?? []))];
  const deciding = strongest(verdict, behind, order, blindTo);
  if (!deciding) return null;
  const { row, stage } = deciding;
  const claim = held(row).find(({ block }) => block === null || block === stage.stage);
  const reason = verdict === "blind" ? `${row.twin ? "ρ" : "κ"} stays high when ${oneOf(blindTo)} alone is redrawn` : row.reason;
  return { verdict, reason, blindTo, pAdjusted: claim?.pAdjusted ?? null, deciding };
}

const doubt = (said: string, claims: number, claim: Claim | undefined): string =>
  `${said}, which does not hold among the ${claims} claims of its kind (Holm-adjusted ${pValue(claim?.pAdjusted ?? 1)})`;

function noneInforms(rows: readonly MetricRow[]): string {
  if (rows.length > 0 && rows.every((row) => row.floor === null)) return "no floor was measured, so likeness cannot be told from chance";
  return "no metric is informative: chance alone already makes these maps alike";
}

/** The stages, without stage 0, that a verdict can rest on. */
function restingOn(verdict: Verdict, { stages }: MetricRow, order: StageOrder, blindTo: readonly string[]): readonly StageRow[] {
  const deciding = decidingOf(stages.slice(1), order);
  if (order === "independent") return deciding.filter(({ stage }) => verdict !== "blind" || blindTo.includes(stage));
  if (verdict === "insensitive" || verdict === "irreproducible") return deciding.slice(-1);
  return verdict === "late" ? deciding.slice(0, 1) : deciding;
}

/** Where the evidence for a verdict is strongest; for `sensitive` and `inconclusive`, where it is nearest to failing. */
function strongest(verdict: Verdict, rows: readonly MetricRow[], order: StageOrder, blindTo: readonly string[] = []): Deciding | null {
  const candidates = rows.flatMap((row) => restingOn(verdict, row, order, blindTo).map((stage) => ({ row, stage })));
  const strength = ({ stage }: Deciding): number => (isCharge(verdict) ? stage.excessLow : stage.excessHigh) ?? Number.NEGATIVE_INFINITY;
  return candidates.reduce<Deciding | null>(
    (best, candidate) => (best === null || strength(candidate) > strength(best) ? candidate : best),
    null,
  );
}

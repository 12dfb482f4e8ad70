import type { StageOrder } from "@assay/core/plugin";
import { groupBy } from "./group-by.js";
import { holm } from "./holm.js";
import { decidingOf, isAbsoluteSpearman } from "./judge.js";
import type { Claim, ClaimFamilies, MetricRow } from "./verdict-report.js";

type Stated = Omit<Claim, "pAdjusted">;
/** A row before its claims are known. */
export type BareRow = Omit<MetricRow, "claims">;

export interface Adjusted {
  readonly metrics: readonly MetricRow[];
  /** the claims in favour of each method, or that nothing can be said of it */
  readonly ofMethods: ReadonlyMap<string, readonly Claim[]>;
  readonly families: ClaimFamilies;
}

/** A claim holds in its family where its adjusted p-value is below this: one tail of a 95 % interval for all of the family together. */
export const CLAIM_LEVEL = 0.025;
export const holds = ({ pAdjusted }: Claim): boolean => pAdjusted < CLAIM_LEVEL;

/**
 * Every claim that the rows could make, adjusted by Holm in two families. Charges (`insensitive`, `late`, `blind`): one metric is enough
 * to make them, so each metric's is in the family. Clearances (`sensitive`, `irreproducible`) need all metrics at once: such a claim is
 * as weak as its weakest part, so a method has one p-value, the largest (an intersection–union test, Berger 1982).
 */
export function adjusted(rows: readonly BareRow[], order: StageOrder): Adjusted {
  const charges = rows.map((row) => chargesOf(row, order));
  const clearances = [...groupBy(rows, ({ method }) => method)].map(([method, own]) => ({ method, claims: clearancesOf(own, order) }));
  const adjustedCharges = withHolm(charges);
  const adjustedClearances = withHolm(clearances.map(({ claims }) => claims));
  return {
    metrics: rows.map((row, i) => ({ ...row, claims: adjustedCharges[i] ?? [] })),
    ofMethods: new Map(clearances.map(({ method }, i) => [method, adjustedClearances[i] ?? []])),
    families: { level: CLAIM_LEVEL, charges: charges.flat().length, clearances: clearances.flatMap(({ claims }) => claims).length },
  };
}

function withHolm(lists: readonly (readonly Stated[])[]): Claim[][] {
  const pAdjusted = holm(lists.flat().map(({ p }) => p));
  let next = 0;
  return lists.map((list) => list.map((claim) => ({ ...claim, pAdjusted: pAdjusted[next++] ?? 1 })));
}

/** Absolute Spearman never carries a charge, so it makes none. */
function chargesOf(row: BareRow, order: StageOrder): Stated[] {
  if (!row.judged || isAbsoluteSpearman(row)) return [];
  const stages = decidingOf(row.stages.slice(1), order);
  if (order === "independent") return stages.map(({ stage, pAbove }) => ({ verdict: "blind", block: stage, p: pAbove ?? 1 }));
  const last = stages.at(-1);
  const insensitive: Stated = { verdict: "insensitive", block: null, p: last?.pAbove ?? 1 };
  return stages.length < 2
    ? [insensitive]
    : [insensitive, { verdict: "late", block: null, p: Math.max(stages[0]?.pAbove ?? 1, last?.pBelow ?? 1) }];
}

function clearancesOf(rows: readonly BareRow[], order: StageOrder): Stated[] {
  const telling = rows.filter((row) => row.informative);
  const judging = telling.filter((row) => row.verdict !== "irreproducible");
  const largest = (p: readonly (number | null)[]): number => Math.max(...p.map((value) => value ?? 1));
  const claims: Stated[] = [];
  if (judging.some((row) => !isAbsoluteSpearman(row)) && judging.every(({ judged }) => judged)) {
    const p = judging.flatMap(({ stages }) => decidingOf(stages.slice(1), order)).map(({ pBelow }) => pBelow);
    claims.push({ verdict: "sensitive", block: null, p: largest(p) });
  }
  if (telling.length > 0 && telling.every(({ twin }) => twin !== null)) {
    claims.push({ verdict: "irreproducible", block: null, p: largest(telling.map(({ twin }) => twin?.pBelow ?? null)) });
  }
  return claims;
}

import type { Arranged, Tally } from "./arrange.js";
import { kappaOf, lessThan, meanOf, ratioOf, type Estimate } from "./estimate.js";
import { floorAmong } from "./floor.js";
import { intervalOf, uncertaintyOf, type Design } from "./interval.js";
import { tailsOf } from "./p-value.js";
import type { TwinRow } from "./verdict-report.js";

/** Retraining that leaves less than this of a likeness (κ, upper bound) leaves nothing that a destruction could be measured against. */
export const LEAST_TWIN = 0.2;

export interface Twin {
  readonly row: TwinRow;
  /** κ_twin; null where it is not defined */
  readonly kappa: Estimate | null;
  readonly tallies: readonly Tally[];
}

/** What retraining alone keeps: κ between two networks trained from different seeds, with a floor of its own. */
export function twinOf({ twin }: Arranged, design: Design, confidence: number): Twin | undefined {
  if (!twin) return undefined;
  const floor = floorAmong([...twin.nulls], null, design.draws);
  const score = meanOf(twin.tally.cells, design.draws);
  const kappa = kappaOf(score, floor.estimate);
  const interval = kappa && intervalOf(kappa, design, confidence);
  const uncertainty = kappa && uncertaintyOf(kappa, design);
  return {
    row: {
      score: score?.value ?? null,
      floor: floor.estimate?.value ?? null,
      kappa: kappa?.value ?? null,
      kappaLow: interval?.low ?? null,
      kappaHigh: interval?.high ?? null,
      pBelow: uncertainty && tailsOf(kappa.value - LEAST_TWIN, uncertainty).below,
    },
    kappa,
    tallies: [twin.tally, ...floor.tallies],
  };
}

/**
 * ρ = κ/κ_twin: of the likeness that retraining keeps, the share that survives. A ratio means nothing where its denominator may be zero:
 * it is null unless κ_twin is positive, and has bounds only where the whole interval of κ_twin is.
 */
export function rhoOf(kappa: Estimate | null, twin: Twin, design: Design, confidence: number) {
  const rho = kappa && twin.kappa && twin.kappa.value > 0 ? ratioOf(kappa, twin.kappa) : null;
  const interval = rho && (twin.row.kappaLow ?? 0) > 0 ? intervalOf(rho, design, confidence) : null;
  return { rho: rho?.value ?? null, rhoLow: interval?.low ?? null, rhoHigh: interval?.high ?? null };
}

/**
 * κ − t · κ_twin, where t is the threshold: above 0 exactly where ρ is above t (for a positive κ_twin), without a division. It is what
 * the verdict rests on (Fieller 1954 puts the claim about a ratio in the same way).
 */
export const excessOverTwin = (kappa: Estimate, twin: Twin, threshold: number): Estimate | null =>
  twin.kappa && lessThan(kappa, threshold, twin.kappa);

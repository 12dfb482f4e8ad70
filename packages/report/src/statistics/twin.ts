import type { Arranged, Tally } from "./arrange.js";
import { mean, percentileInterval, resampledMeans, type Interval, type Resamples } from "./bootstrap.js";
import { floorAmong } from "./floor.js";
import { kappa } from "./kappa.js";
import type { TwinRow } from "./verdict-report.js";

/** Retraining that leaves less than this of a likeness (κ, upper bound) leaves nothing that a destruction could be measured against. */
export const LEAST_TWIN = 0.2;

export interface Twin {
  readonly row: TwinRow;
  /** κ_twin in every resample; NaN where it is not defined */
  readonly kappas: Float64Array;
  readonly tallies: readonly Tally[];
}

/** What retraining alone keeps: κ between two networks trained from different seeds, with a floor of its own. */
export function twinOf({ twin }: Arranged, weights: Resamples, confidence: number): Twin | undefined {
  if (!twin) return undefined;
  const floor = floorAmong([...twin.nulls], null, weights);
  const score = mean(twin.tally.cells);
  const kappas = resampledMeans(twin.tally.cells, weights).map((value, b) => kappa(value, floor.resampled[b] ?? Number.NaN) ?? Number.NaN);
  const interval = weights.draws > 1 || weights.images > 1 ? percentileInterval(kappas, confidence) : null;
  return {
    row: {
      score,
      floor: floor.value,
      kappa: kappa(score, floor.value),
      kappaLow: interval?.low ?? null,
      kappaHigh: interval?.high ?? null,
    },
    kappas,
    tallies: [twin.tally, ...floor.tallies],
  };
}

/**
 * ρ = κ/κ_twin: of the likeness that retraining keeps, the share that survives. A ratio has no mean where its denominator can be zero:
 * it is null unless κ_twin is positive, and has bounds only where that holds in 19 of 20 resamples.
 */
export function rhoOf(value: number | null, kappas: Float64Array, twin: Twin, confidence: number) {
  const { kappa: whole } = twin.row;
  const ratios = kappas.map((each, b) => ((twin.kappas[b] ?? 0) > 0 ? each / twin.kappas[b]! : Number.NaN));
  const interval = twin.row.kappaLow === null ? null : percentileInterval(ratios, confidence);
  return {
    rho: value === null || whole === null || whole <= 0 ? null : value / whole,
    rhoLow: interval?.low ?? null,
    rhoHigh: interval?.high ?? null,
  };
}

/**
 * The interval of κ − t · κ_twin, where t is the threshold: above 0 exactly where ρ is above t (for a positive κ_twin), without a
 * division. It is what the verdict rests on (Fieller 1954 puts the claim about a ratio in the same way).
 */
export function excessOverTwin(kappas: Float64Array, twin: Twin, threshold: number, confidence: number): Interval | null {
  const excess = kappas.map((value, b) => value - threshold * (twin.kappas[b] ?? Number.NaN));
  return twin.row.kappaLow === null ? null : percentileInterval(excess, confidence);
}

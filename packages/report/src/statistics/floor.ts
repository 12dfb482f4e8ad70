import type { StageOrder } from "@assay/core/plugin";
import type { Arranged, Tally } from "./arrange.js";
import { mean, resampledMeans, type Resamples } from "./bootstrap.js";
import { floorOf } from "./kappa.js";

/** f at one stage: the larger of the nulls, once from all scores and once in every resample. */
export interface Floor {
  /** the stage that has a floor of its own; null where one floor serves all stages */
  readonly stage: string | null;
  readonly value: number | null;
  /** name of the larger null */
  readonly from: string | null;
  readonly nulls: Readonly<Record<string, number | null>>;
  /** NaN in a resample where no null is defined */
  readonly resampled: Float64Array;
  readonly tallies: readonly Tally[];
}

/**
 * The floor of every stage. It is taken once, at the last stage; independent blocks have their own where the floor was measured
 * for each. Which null is larger is asked again in every resample.
 */
export function floorsOf(pair: Arranged, order: StageOrder, stages: readonly string[], weights: Resamples): (stage: string) => Floor {
  const last = stages.at(-1) ?? "";
  const kept = new Map<string | null, Floor>();
  return (asked) => {
    const stage = order === "independent" && [...pair.nulls.values()].some((byStage) => byStage.has(asked)) ? asked : null;
    const known = kept.get(stage);
    if (known) return known;
    const found = [...pair.nulls].flatMap(([name, byStage]): [string, Tally][] => {
      const tally = (stage === null ? undefined : byStage.get(stage)) ?? byStage.get(last) ?? byStage.get("");
      return tally ? [[name, tally]] : [];
    });
    const floor = floorAmong(found, stage, weights);
    kept.set(stage, floor);
    return floor;
  };
}

/** The largest of these nulls. */
export function floorAmong(found: readonly (readonly [string, Tally])[], stage: string | null, weights: Resamples): Floor {
  const nulls = Object.fromEntries(found.map(([name, { cells }]) => [name, mean(cells)]));
  const means = found.map(([, { cells }]) => resampledMeans(cells, weights));
  return {
    stage,
    value: null,
    from: null,
    ...floorOf(nulls),
    nulls,
    resampled: Float64Array.from({ length: weights.resamples }, (_, b) => largestDefined(means.map((of) => of[b] ?? Number.NaN))),
    tallies: found.map(([, tally]) => tally),
  };
}

const largestDefined = (values: readonly number[]): number =>
  values.reduce((most, value) => (Number.isNaN(most) || value > most ? value : most), Number.NaN);

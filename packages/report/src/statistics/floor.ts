import type { StageOrder } from "@assay/core/plugin";
import type { Arranged, Tally } from "./arrange.js";
import { meanOf, type Estimate } from "./estimate.js";
import { floorOf } from "./kappa.js";

/** f at one stage: the larger of the nulls. */
export interface Floor {
  /** the stage that has a floor of its own; null where one floor serves all stages */
  readonly stage: string | null;
  readonly estimate: Estimate | null;
  /** name of the larger null */
  readonly from: string | null;
  readonly nulls: Readonly<Record<string, number | null>>;
  readonly tallies: readonly Tally[];
}

/** The floor of every stage. It is taken once, at the last stage; independent blocks have their own where the floor was measured for each. */
export function floorsOf(pair: Arranged, order: StageOrder, stages: readonly string[], draws: number): (stage: string) => Floor {
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
    const floor = floorAmong(found, stage, draws);
    kept.set(stage, floor);
    return floor;
  };
}

/** The largest of these nulls. */
export function floorAmong(found: readonly (readonly [string, Tally])[], stage: string | null, draws: number): Floor {
  const means = new Map(found.map(([name, { cells }]) => [name, meanOf(cells, draws)]));
  const nulls = Object.fromEntries([...means].map(([name, mean]) => [name, mean?.value ?? null]));
  const from = floorOf(nulls)?.from ?? null;
  return { stage, estimate: from === null ? null : (means.get(from) ?? null), from, nulls, tallies: found.map(([, tally]) => tally) };
}

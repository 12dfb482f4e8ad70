import type { Axis, ScoreGroup, ScoresInput } from "@assay/core/plugin";
import type { Cells } from "./estimate.js";
import { groupBy } from "./group-by.js";

/** Axes that the statistics give a meaning to; every other axis tells methods apart. */
const KNOWN_AXES = new Set(["metric", "draw", "stage", "chance"]);

/** The scores of one method by one metric, by stage, as matrices of draws × images. */
export interface Arranged {
  readonly method: string;
  readonly explainer: string;
  readonly metric: string;
  readonly uses: string;
  readonly view: string;
  /** by stage name, `trained` included where it was scored */
  readonly stages: ReadonlyMap<string, Tally>;
  /** by null, then by stage name; the stage is "" where the floor has no stage axis */
  readonly nulls: ReadonlyMap<string, ReadonlyMap<string, Tally>>;
  /** likeness to a network that was trained again, and its own nulls */
  readonly twin?: { readonly tally: Tally; readonly nulls: ReadonlyMap<string, Tally> };
  /** likeness between two random networks */
  readonly random?: Tally;
}

/** The scores of a second network of the same architecture and data, trained from another seed, and their floor. */
export interface TwinInput {
  readonly scores: ScoresInput;
  readonly floor: ScoresInput;
}

/** What is judged: scores over stages, what chance gives, what retraining keeps, and what two random networks have alike. */
export interface Evidence {
  readonly scores: ScoresInput;
  readonly floor?: ScoresInput;
  readonly twin?: TwinInput;
  readonly random?: ScoresInput;
}

/** A score matrix with what was left out of it. */
export interface Tally {
  readonly cells: Cells;
  readonly scores: number;
  readonly undefinedScores: number;
  /** mean share of tied cells over all scores */
  readonly ties: number;
}

export interface Arrangement {
  readonly draws: readonly string[];
  readonly images: readonly number[];
  readonly pairs: readonly Arranged[];
}

const valuesOf = (axes: readonly Axis[], name: string): readonly string[] => axes.find((axis) => axis.name === name)?.values ?? [];
const metricOf = (group: ScoreGroup): string => group.axes["metric"] ?? group.metric.name;

/** Sorts the collected scores by method, metric, stage and null. */
export function arrange({ scores, floor, twin, random }: Evidence): Arrangement {
  const draws = valuesOf(scores.axes, "draw");
  const images = [...new Set(scores.groups.flatMap((group) => group.scores.map((score) => score.image)))].sort((a, b) => a - b);
  const facets = scores.axes.map((axis) => axis.name).filter((name) => !KNOWN_AXES.has(name));
  const byPair = groupBy(scores.groups, (group) => JSON.stringify([...facets.map((facet) => group.axes[facet]), metricOf(group)]));
  const pairs = [...byPair.values()].flatMap((groups): Arranged[] => {
    const [first] = groups;
    if (!first) return [];
    const ofThis = (input: ScoresInput | undefined): ScoreGroup[] =>
      (input?.groups ?? []).filter(
        (group) =>
          metricOf(group) === metricOf(first) &&
          facets.every((facet) => group.axes[facet] === undefined || group.axes[facet] === first.axes[facet]),
      );
    const byNull = (input: ScoresInput | undefined) => groupBy(ofThis(input), (group) => group.axes["chance"] ?? "floor");
    const retrained = ofThis(twin?.scores);
    const bothRandom = ofThis(random);
    const tallied = (some: readonly ScoreGroup[]): Map<string, Tally> =>
      new Map([...groupBy(some, (group) => group.axes["stage"] ?? "")].map(([stage, of]) => [stage, tally(of, draws, images)]));
    return [
      {
        method: methodName(facets, first),
        explainer: first.axes["explainer"] ?? "",
        metric: metricOf(first),
        uses: first.metric.name.replace(/^metric\//u, ""),
        view: first.view,
        stages: tallied(groups),
        nulls: new Map([...byNull(floor)].map(([name, of]) => [name, tallied(of)])),
        ...(retrained.length > 0 && {
          twin: {
            tally: tally(retrained, draws, images),
            nulls: new Map([...byNull(twin?.floor)].map(([name, of]) => [name, tally(of, draws, images)])),
          },
        }),
        ...(bothRandom.length > 0 && { random: tally(bothRandom, draws, images) }),
      },
    ];
  });
  return { draws, images, pairs };
}

/** The explainer, and behind it the values of further axes: `gradient · redraw=shuffle`. */
function methodName(facets: readonly string[], { axes }: ScoreGroup): string {
  const further = facets.filter((facet) => facet !== "explainer").map((facet) => `${facet}=${axes[facet] ?? ""}`);
  return [axes["explainer"] ?? "method", ...further].join(" · ");
}

/** Scores of images that were never scored against a stage (a floor may hold more) are left out. */
function tally(groups: readonly ScoreGroup[], draws: readonly string[], images: readonly number[]): Tally {
  const rows = groups.some((group) => group.axes["draw"] !== undefined) ? Math.max(draws.length, 1) : 1;
  const sums = new Float64Array(rows * images.length);
  const counts = new Float64Array(rows * images.length);
  const column = new Map(images.map((image, index) => [image, index]));
  let scores = 0;
  let undefinedScores = 0;
  let ties = 0;
  for (const group of groups) {
    const row = rows === 1 ? 0 : draws.indexOf(group.axes["draw"] ?? "");
    for (const { image, value, ties: tied } of group.scores) {
      const at = column.get(image);
      if (at === undefined || row < 0) continue;
      scores += 1;
      ties += tied;
      if (value === null) {
        undefinedScores += 1;
        continue;
      }
      const cell = row * images.length + at;
      sums[cell] = (sums[cell] ?? 0) + value;
      counts[cell] = (counts[cell] ?? 0) + 1;
    }
  }
  return { cells: { rows, images: images.length, sums, counts }, scores, undefinedScores, ties: scores > 0 ? ties / scores : 0 };
}

import type { ScoreGroup, ScoresInput } from "@assay/core/plugin";
import { evaluate } from "../src/statistics/evaluate.js";
import type { VerdictReport } from "../src/statistics/verdict-report.js";

/** The scores of one method by one metric at one stage, by draw and image, and the two nulls, by draw, image and repetition. */
export interface Simulated {
  readonly scores: number[][];
  readonly permuted: number[][][];
  readonly crossed: number[][][];
  /** likeness to one network that was trained again, by image, and its null */
  readonly twin?: { readonly scores: number[]; readonly permuted: number[][] };
}

const axis = (name: string, values: readonly string[]) => ({ name, values });

const group = (axes: Readonly<Record<string, string>>, values: readonly (readonly number[])[]): ScoreGroup => ({
  axes,
  metric: { name: "ssim", range: [-1, 1], params: {} },
  view: "signed",
  scores: values.flatMap((repetitions, image) =>
    repetitions.map((value, repetition) => ({ image, repetition, value, ties: 0, target: 0 })),
  ),
});

/** What the software says of simulated experiments: by method, then by metric. */
export function reportOn(experiments: Readonly<Record<string, Readonly<Record<string, Simulated>>>>): VerdictReport {
  const pairs = Object.entries(experiments).flatMap(([explainer, byMetric]) =>
    Object.entries(byMetric).map(([metric, simulated]) => ({ point: { explainer, metric }, simulated })),
  );
  const first = pairs[0]!;
  const shared = {
    axes: [
      axis("metric", [...new Set(pairs.map(({ point }) => point.metric))]),
      axis("explainer", Object.keys(experiments)),
      axis("draw", first.simulated.scores.map((_, draw) => String(draw))), // prettier-ignore
    ],
    explainers: Object.fromEntries(
      Object.keys(experiments).map((explainer) => [explainer, { uses: `explainer/${explainer}`, summary: "" }]),
    ),
  };
  const collected = (groups: ScoreGroup[], ...axes: ScoresInput["axes"]): ScoresInput => ({
    ...shared,
    axes: [...shared.axes, ...axes],
    groups,
  });
  const scores = pairs.flatMap(
    ({ point, simulated }) =>
    simulated.scores.map((row, draw) => group({ ...point, draw: String(draw), stage: "all" }, row.map((value) => [value]))), // prettier-ignore
  );
  const floor = pairs.flatMap(({ point, simulated: { permuted, crossed } }) =>
    Object.entries({ permuted, crossed }).flatMap(([chance, of]) =>
      of.map((row, draw) => group({ ...point, draw: String(draw), chance }, row)),
    ),
  );
  const twins = pairs.flatMap(({ point, simulated: { twin } }) => (twin ? [{ point, twin }] : []));
  const twin = {
    scores: collected(twins.map(({ point, twin: { scores: own } }) => group(point, own.map((value) => [value])))), // prettier-ignore
    floor: collected(twins.map(({ point, twin: { permuted } }) => group({ ...point, chance: "permuted" }, permuted))),
  };
  return evaluate(
    {
      scores: collected(scores, { ...axis("stage", ["trained", "all"]), order: "cascading" }),
      floor: collected(floor, axis("chance", ["permuted", "crossed"])),
      ...(twins.length > 0 && { twin }),
    },
    { threshold: 0.5, margin: 0.15, undefinedLimit: 0.1 },
  );
}

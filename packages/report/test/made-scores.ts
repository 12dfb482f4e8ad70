import type { ScoreGroup, ScoresInput, StageOrder } from "@assay/core/plugin";

export interface MadeMetric {
  readonly uses: string;
  readonly view: string;
}
export type ScoreAt = (at: {
  readonly explainer: string;
  readonly metric: string;
  readonly draw: number;
  readonly image: number;
  readonly stage: number;
}) => number | null;

export interface Made {
  readonly explainers: ScoresInput["explainers"];
  readonly metrics: Readonly<Record<string, MadeMetric>>;
  readonly stages: readonly string[];
  readonly draws: number;
  readonly images: number;
  readonly order?: StageOrder;
  readonly score: ScoreAt;
  /** stage is K; one value a null and cell */
  readonly floor: (null_: "permuted" | "crossed", at: Parameters<ScoreAt>[0]) => number | null;
  readonly ties?: (explainer: string) => number;
}

const axis = (name: string, values: readonly string[]) => ({ name, values });
const times = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Scores and floor as the engine collects them. */
export function madeScores(made: Made): { readonly scores: ScoresInput; readonly floor: ScoresInput } {
  const explainers = Object.keys(made.explainers);
  const draws = times(made.draws).map(String);
  const stages = ["trained", ...made.stages];
  const group = (axes: Record<string, string>, metric: string, value: (image: number) => number | null): ScoreGroup => ({
    axes,
    metric: { name: made.metrics[metric]?.uses ?? metric, range: [-1, 1], params: {} },
    view: made.metrics[metric]?.view ?? "absolute",
    scores: times(made.images).map((image) => {
      const score = value(image);
      const ties = made.ties?.(axes["explainer"] ?? "") ?? 0.1;
      return { image, repetition: 0, value: score, ties, target: 3, ...(score === null ? { reason: "a constant map" } : {}) };
    }),
  });
  const pairs = Object.keys(made.metrics).flatMap((metric) => explainers.map((explainer) => ({ metric, explainer })));
  return {
    scores: {
      axes: [
        axis("metric", Object.keys(made.metrics)),
        axis("explainer", explainers),
        axis("draw", draws),
        { ...axis("stage", stages), order: made.order ?? "cascading" },
      ],
      explainers: made.explainers,
      groups: pairs.flatMap(({ metric, explainer }) =>
        draws.flatMap((draw) =>
          stages.map((stage, index) =>
            group({ metric, explainer, draw, stage }, metric, (image) =>
              index === 0 ? 1 : made.score({ explainer, metric, draw: Number(draw), image, stage: index }),
            ),
          ),
        ),
      ),
    },
    floor: {
      axes: [
        axis("metric", Object.keys(made.metrics)),
        axis("chance", ["permuted", "crossed"]),
        axis("explainer", explainers),
        axis("draw", draws),
      ],
      explainers: made.explainers,
      groups: pairs.flatMap(({ metric, explainer }) =>
        (["permuted", "crossed"] as const).flatMap((chance) =>
          draws.map((draw) =>
            group({ metric, chance, explainer, draw }, metric, (image) =>
              made.floor(chance, { explainer, metric, draw: Number(draw), image, stage: made.stages.length }),
            ),
          ),
        ),
      ),
    },
  };
}

import { defineReport, number, strictObject } from "@assay/core/plugin";
import { likenessOf, scoresOf } from "./inputs.js";
import { verdictTable } from "./html/verdict-table.js";
import { evaluate, MARGIN, UNDEFINED_LIMIT } from "./statistics/evaluate.js";

/**
 * Which methods notice that the model is destroyed: per method and metric κ_k = (s_k − f)/(1 − f), where s_k is the mean score at
 * stage k and the floor f the larger of the nulls, with intervals over draws and images; then a verdict per metric and per method.
 * With a `twin` (the reference maps against those of a second network, trained on the same data from another seed, and their own
 * floor) the verdict rests on ρ_k = κ_k/κ_twin, the share that destruction leaves of what retraining leaves.
 * `random`, the likeness of two independent random networks' maps, decides nothing and is shown beside.
 * A verdict of a method holds among all claims of the report (Holm).
 * Without a floor every verdict is `inconclusive`. docs/explanation/statistics.md tells the rules.
 */
export const verdict = defineReport({
  name: "verdict",
  version: "1",
  summary: "which methods notice that the model is destroyed, with effect size and interval",
  params: strictObject({
    threshold: number({ exclusiveMinimum: 0, exclusiveMaximum: 1, default: 0.5, description: "κ above it counts as alike" }),
  }),
  inputs: {
    scores: { type: "scores" },
    floor: { type: "scores", optional: true },
    twin: { type: "scores", optional: true },
    "twin-floor": { type: "scores", optional: true },
    random: { type: "scores", optional: true },
  },
  build(inputs, params) {
    const { floor, twin, "twin-floor": twinFloor, random } = inputs.scores;
    const data = evaluate(
      {
        scores: likenessOf(inputs, "scores"),
        ...(floor && { floor }),
        ...((twin ?? twinFloor) && { twin: { scores: scoresOf(inputs, "twin"), floor: scoresOf(inputs, "twin-floor") } }),
        ...(random && { random }),
      },
      { ...params, margin: MARGIN, undefinedLimit: UNDEFINED_LIMIT },
    );
    return Promise.resolve({ title: "The answer", data, html: verdictTable(data).text });
  },
});

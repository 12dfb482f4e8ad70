import { parse } from "csv-parse/sync";
import type { Verdicts } from "@assay/report";
import { expect, it } from "vitest";
import { Workplace } from "./workplace.js";

const RANDOMIZERS = { down: "randomizer/cascade", up: "randomizer/cascade, with: { from: input }", single: "randomizer/independent" };

const spec = `# Do randomizers of one file keep their own stages?
assay: 1
name: stage-orders
axes:
  draw: [0]
  explainer: { gradient: { uses: explainer/gradient } }
  metric: { spearman: { uses: metric/spearman, view: signed } }
nodes:
  digits: { uses: dataset/mnist, with: { limit: 2 } }
  model: { uses: model/mnist-cnn }
  reference: { uses: { axis: explainer }, over: [explainer], in: { model: model, images: digits } }
${Object.entries(RANDOMIZERS)
  .map(
    ([name, uses]) => `
  ${name}: { uses: ${uses}, in: { model: model }, over: [draw] }
  maps-${name}: { uses: { axis: explainer }, over: [explainer, draw, stage], in: { model: ${name}, images: digits } }
  scores-${name}: { uses: { axis: metric }, over: [metric, explainer, draw, stage], in: { a: reference, b: maps-${name} } }
  verdicts-${name}: { uses: report/verdict, in: { scores: { from: scores-${name}, collect: [metric, explainer, draw, stage] } } }`,
  )
  .join("\n")}
`;

it("reads the stages of each randomizer of one file in its own order", { timeout: 60_000 }, async () => {
  const place = new Workplace();
  const { code, out, err } = await place.assay("run", place.write("stages.yaml", spec));
  expect(code, err).toBe(0);
  for (const name of Object.keys(RANDOMIZERS)) expect(out).toContain(`verdicts-${name}`);

  const verdicts = JSON.parse(place.read("runs/stage-orders/latest/verdicts.json")) as Verdicts;
  const output = ["softmax", "fc1", "conv2", "conv1"];
  const input = [...output].reverse();
  expect(Object.entries(verdicts).map(([node, { order, stages }]) => [node, order, stages])).toEqual([
    ["verdicts-down", "cascading", output],
    ["verdicts-up", "cascading", input],
    ["verdicts-single", "independent", output],
  ]);

  const rows = parse<Record<string, string>>(place.read("runs/stage-orders/latest/scores.csv"), { columns: true });
  for (const [node, stages] of Object.entries({ down: output, up: input, single: output })) {
    const own = rows.filter((row) => row["node"] === `scores-${node}`);
    expect(new Set(own.map(({ stage, stage_index }) => `${stage_index} ${stage}`))).toEqual(
      new Set(["trained", ...stages].map((stage, index) => `${index} ${stage}`)),
    );
  }
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isVerdictReport } from "@assay/report";
import { expect, it } from "vitest";
import { main } from "../src/index.js";

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

it("reads the stages of each randomizer of one file in its own order", async () => {
  const root = await mkdtemp(join(tmpdir(), "assay-stages-"));
  try {
    await writeFile(join(root, "stages.yaml"), spec);
    const lines: string[] = [];
    const errors: string[] = [];
    const io = { cwd: root, env: {}, out: (line: string) => void lines.push(line), err: (line: string) => void errors.push(line) };
    for (const name of Object.keys(RANDOMIZERS)) {
      const code = await main(["--root", join(root, name), "run", join(root, "stages.yaml"), "--json", "--only", `verdicts-${name}`], io);
      expect(code, errors.join("\n")).toBe(0);
    }
    const reports = lines.map((line) => (JSON.parse(line) as { readonly verdicts?: unknown }).verdicts).filter(isVerdictReport);
    const output = ["softmax", "fc1", "conv2", "conv1"];
    expect(reports.map(({ order, stages }) => [order, stages])).toEqual([
      ["cascading", output],
      ["cascading", [...output].reverse()],
      ["independent", output],
    ]);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});

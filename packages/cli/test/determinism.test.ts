import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, it } from "vitest";
import { smallSpec, Workplace } from "./workplace.js";

const METHODS = {
  gradient: "{ uses: explainer/gradient }",
  smoothgrad: "{ uses: explainer/smoothgrad, with: { samples: 10 } }",
  vargrad: "{ uses: explainer/vargrad, with: { samples: 10 } }",
  "integrated-gradients": "{ uses: explainer/integrated-gradients }",
  "guided-grad-cam": "{ uses: explainer/guided-grad-cam }",
  edges: "{ uses: explainer/edge-detector }",
  noise: "{ uses: explainer/uniform-noise }",
};
const METRICS = {
  spearman: "{ uses: metric/spearman, view: signed }",
  "spearman-abs": "{ uses: metric/spearman, view: absolute }",
  ssim: "{ uses: metric/ssim, view: signed }",
  hog: "{ uses: metric/hog-pearson, view: absolute }",
};

interface Row {
  readonly [column: string]: string;
  readonly value: string;
}

describe("the same spec and seed", () => {
  const place = new Workplace();
  const scores = (root: string): string => place.read(`${root}/runs/small/latest/scores.csv`);
  const verdicts = (root: string): string => place.read(`${root}/runs/small/latest/verdicts.json`);
  const run = async (root: string, ...options: string[]): Promise<void> => {
    const { code, err } = await place.assay("run", "small.yaml", "--root", root, ...options);
    expect(code, err).toBe(0);
  };

  beforeAll(async () => {
    place.write("small.yaml", smallSpec({ images: 4, draws: [0, 1], explainers: METHODS, metrics: METRICS }));
    await run("once");
  }, 120_000);

  it("give the same bytes from two empty stores, on as many threads as may be", { timeout: 120_000 }, async () => {
    await run("twice", "--threads", "1");
    expect(scores("twice")).toBe(scores("once"));
    expect(verdicts("twice")).toBe(verdicts("once"));
  });

  it("give other scores with another seed", { timeout: 120_000 }, async () => {
    const other = place.read("small.yaml").replace("assay: 1", "assay: 1\nseed: 7");
    place.write("seed.yaml", other);
    const { code, err } = await place.assay("run", "seed.yaml", "--root", "seed");
    expect(code, err).toBe(0);
    expect(scores("seed")).not.toBe(scores("once"));
  });

  it("give scores within .001 on the other backend", { timeout: 240_000 }, async () => {
    await run("wasm", "--backend", "wasm");
    const [ours, theirs] = [scores("once"), scores("wasm")].map((text) => parse<Row>(text, { columns: true }));
    expect(theirs).toHaveLength(ours!.length);
    ours!.forEach((row, i) => {
      const other = theirs![i]!;
      const name = JSON.stringify({ ...row, value: "" });
      expect(other["explainer"]).toBe(row["explainer"]);
      if (row.value === "" || other.value === "") expect(other.value, name).toBe(row.value);
      else expect(Math.abs(Number(other.value) - Number(row.value)), name).toBeLessThanOrEqual(1e-3);
    });
  });
});

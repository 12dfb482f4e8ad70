import { describe, expect, it } from "vitest";
import { goldenPairs, mapFile } from "./golden.js";
import { Workplace } from "./workplace.js";

const place = new Workplace();

/** Our metrics by the oracle's names; `hogCell` is the pair's own. */
const METRICS: Readonly<Record<string, readonly [metric: string, params: (hogCell: number) => Readonly<Record<string, unknown>>]>> = {
  spearman: ["spearman", () => ({})],
  pearson: ["pearson", () => ({})],
  cosine: ["cosine", () => ({})],
  "ssim-range-1": ["ssim", () => ({ range: 1 })],
  "ssim-range-2": ["ssim", () => ({ range: 2 })],
  "hog-pearson": ["hog-pearson", (cell) => ({ cell })],
  "hog-spearman": ["hog-spearman", (cell) => ({ cell })],
  "top-10-percent-overlap": ["top-k-overlap", () => ({ share: 0.1 })],
};

describe("assay compare agrees with the independent libraries", () => {
  it("has 27 pairs to agree on", () => {
    expect(goldenPairs).toHaveLength(27);
  });

  describe.each(Object.entries(METRICS))("%s", (name, [metric, params]) => {
    it.each(goldenPairs)("%s", async (_, { a, b, hogCell, scores }) => {
      const asked = ["--metric", metric, "--with", JSON.stringify(params(hogCell))];
      const { code, out, err } = await place.assay("compare", ...asked, mapFile(a), mapFile(b));
      expect(code, err).toBe(0);
      const expected = scores[name];
      if (expected === undefined) throw new Error(`the oracle has no ${name}`);
      if (expected === null) expect(out).toMatch(/^undefined: \w/);
      else expect(Math.abs(Number(out) - expected)).toBeLessThanOrEqual(1e-5);
    });
  });

  it("prints one number, in a process of its own", async () => {
    const [, { a, b, scores }] = goldenPairs[0]!;
    const { code, out } = await place.start("compare", "--metric", "spearman", mapFile(a), mapFile(b)).ended;
    expect(code).toBe(0);
    expect(Number(out)).toBeCloseTo(scores["spearman"]!, 12);
  });

  it("prints JSON for tools", async () => {
    const [, { a, b, scores }] = goldenPairs[0]!;
    const { out } = await place.assay("compare", "--json", "--metric", "pearson", mapFile(a), mapFile(b));
    expect((JSON.parse(out) as { value: number }).value).toBeCloseTo(scores["pearson"]!, 12);
  });
});

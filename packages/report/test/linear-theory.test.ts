import { seedTree, type Dataset, type MapStack, type ReportInputs } from "@assay/core/plugin";
import { describe, expect, it } from "vitest";
import { isTableData, linearTheory } from "../src/index.js";

const [SIDE, IMAGES, BASELINE, PROBE] = [4, 2, 0.25, -1];
const cells = SIDE * SIDE;
const random = seedTree("linear-theory");
const w = Array.from({ length: cells }, () => random.normal());
const x = Array.from({ length: IMAGES * cells }, () => random.uniform());

const dataset: Dataset = {
  count: IMAGES,
  shape: [SIDE, SIDE, 1],
  digest: "made",
  ids: ["0", "1"],
  read: (from, count) => Promise.resolve(Float32Array.from(x.slice(from * cells, (from + count) * cells))),
};

const maps = (value: (image: number, cell: number) => number): MapStack => ({
  values: Float32Array.from({ length: IMAGES * cells }, (_, i) => value(Math.floor(i / cells), i % cells)),
  height: SIDE,
  width: SIDE,
  channels: 1,
  images: Int32Array.from([0, 1]),
});
const pixel = (image: number, cell: number) => x[image * cells + cell]!;
/** f(x) − f(x̄), by the double loop */
const drop = (image: number) => w.reduce((sum, weight, cell) => sum + weight * (pixel(image, cell) - BASELINE), 0);

type Made = Partial<Readonly<Record<"gradient" | "smoothgrad" | "integrated" | "difference", (image: number, cell: number) => number>>>;

async function errorsOf(made: Made): Promise<Record<string, number>> {
  const right = {
    probe: (image: number, cell: number) => w[cell]! * (pixel(image, cell) - PROBE),
    gradient: (_: number, cell: number) => w[cell]!,
    smoothgrad: (_: number, cell: number) => w[cell]!,
    integrated: (image: number, cell: number) => (pixel(image, cell) - BASELINE) * w[cell]!,
    difference: drop,
    ...made,
  };
  const port = (value: (image: number, cell: number) => number) => ({
    axes: [{ name: "baseline", values: [String(BASELINE)] }],
    groups: [{ axes: { baseline: String(BASELINE) }, maps: maps(value) }],
  });
  const inputs: ReportInputs = {
    scores: {},
    models: {},
    datasets: { images: dataset },
    maps: Object.fromEntries(Object.entries(right).map(([name, value]) => [name, port(value)])),
  };
  const { data } = await linearTheory.build(inputs, { probe: PROBE }, { services: [], random });
  if (!isTableData(data)) throw new Error("no table");
  return Object.fromEntries(data.rows as [string, number][]);
}

const at = `x̄ = ${BASELINE}`;

describe("report/linear-theory", () => {
  it("finds no error beyond float32 where every map is its closed form", async () => {
    const errors = await errorsOf({});
    for (const form of ["gradient = w", "smoothgrad = w", `IG = (x − x̄) ⊙ w, ${at}`, `Σ IG = f(x) − f(x̄), ${at}`])
      expect(errors[form], form).toBeLessThan(1e-5);
  });

  it("finds the misprinted integrated gradients wrong, and those that are misprinted right only by the misprint", async () => {
    const right = await errorsOf({});
    const halved = (image: number, cell: number) => ((pixel(image, cell) - BASELINE) * w[cell]!) / 2;
    const wrong = await errorsOf({ integrated: halved });
    expect(right[`misprint: IG = (x − x̄) ⊙ w/2, ${at}`]).toBeCloseTo(1, 5);
    expect(right[`misprint: IG = (x − x̄) ⊙ x/2, ${at}`]).toBeGreaterThan(0.5);
    expect(wrong[`IG = (x − x̄) ⊙ w, ${at}`]).toBeCloseTo(0.5, 5);
    expect(wrong[`Σ IG = f(x) − f(x̄), ${at}`]).toBeCloseTo(0.5, 5);
    expect(wrong[`misprint: IG = (x − x̄) ⊙ w/2, ${at}`]).toBeLessThan(1e-5);
  });

  it("shows one wrong cell of one image", async () => {
    const most = Math.max(...w.map(Math.abs));
    const errors = await errorsOf({ gradient: (image, cell) => w[cell]! + (image === 1 && cell === 5 ? 0.1 * most : 0) });
    expect(errors["gradient = w"]).toBeCloseTo(0.1, 4);
    expect(errors["smoothgrad = w"]).toBeLessThan(1e-5);
  });
});

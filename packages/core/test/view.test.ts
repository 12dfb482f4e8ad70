import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  applyView,
  AssayError,
  isUndefined,
  maskForeground,
  seedTree,
  tiedShare,
  VIEWS,
  type MapImage,
  type ViewName,
} from "../src/plugin/index.js";
import { percentile } from "../src/plugin/percentile.js";
import { decodeNpy } from "../src/store/npy.js";

const ORACLE = new URL("../../../../shared/oracle/", import.meta.url);
const readJson = (path: string): unknown => JSON.parse(readFileSync(new URL(path, ORACLE), "utf8"));

function read(path: string): MapImage {
  const { values, shape } = decodeNpy(readFileSync(new URL(path, ORACLE)), path);
  return { values: Float32Array.from(values), height: shape[0]!, width: shape[1]!, channels: shape[2] ?? 1 };
}

function defined(map: ReturnType<typeof applyView>): MapImage {
  if (isUndefined(map)) throw new Error(map.undefined);
  return map;
}

const image = (values: readonly number[], channels = 1): MapImage => ({
  values: Float32Array.from(values),
  height: 1,
  width: values.length / channels,
  channels,
});

interface Attribution {
  readonly attribution: string;
  readonly views: Partial<Record<ViewName, string>>;
  readonly undefined: Partial<Record<ViewName, string>>;
  readonly facts: Readonly<Record<string, number>>;
}
const { attributions } = readJson("views/manifest.json") as { attributions: Record<string, Attribution> };
const cases = Object.entries(attributions);

describe("views", () => {
  const all = cases.flatMap(([name, entry]) =>
    Object.entries(entry.views).map(([view, file]) => ({ name, view: view as ViewName, file, entry })),
  );
  it("has 10 attributions to agree on", () => expect([cases.length, all.length]).toEqual([10, 23]));

  it.each(all)("agrees with the oracle's $view view of $name", ({ view, file, entry }) => {
    const attribution = read(`views/${entry.attribution}`);
    const before = attribution.values.slice();
    const got = defined(applyView(attribution, view));
    const expected = read(`views/${file}`);
    expect({ ...got, values: 0 }).toEqual({ ...expected, values: 0 });
    expect(got.values.reduce((most, v, i) => Math.max(most, Math.abs(v - expected.values[i]!)), 0)).toBeLessThanOrEqual(1e-6);
    expect(attribution.values).toEqual(before);
    expect(Math.abs(tiedShare(got) - entry.facts[`${view}.tiedShare`]!)).toBeLessThan(0.005);
  });

  const undefinedCases = cases.flatMap(([name, entry]) =>
    Object.keys(entry.undefined).map((view) => ({ name, view: view as ViewName, entry })),
  );
  it.each(undefinedCases)("says why $view of $name is not defined", ({ view, entry }) => {
    expect(applyView(read(`views/${entry.attribution}`), view)).toEqual({ undefined: expect.stringMatching(/equals|is 0/) as string });
  });

  it("leaves a raw attribution alone, and calls a broken one undefined otherwise", () => {
    const broken = image([1, NaN, 2]);
    expect(applyView(broken, "raw")).toBe(broken);
    for (const view of VIEWS.slice(1))
      expect(applyView(broken, view)).toEqual({ undefined: "the attribution holds NaN or infinite values" });
  });

  it("reads signed-paper as signed on one channel", () => {
    expect(applyView(image([1, -2, 0]), "signed-paper")).toEqual(applyView(image([1, -2, 0]), "signed"));
  });
});

describe("percentile", () => {
  it("holds where nearly all values share a bin of the histogram, and leaves them in their order", () => {
    const random = seedTree("percentile-heavy");
    const values = Float64Array.from({ length: 3000 }, (_, i) => (i % 1000 === 0 ? 1e12 * random.normal() : random.normal()));
    const before = values.slice();
    const sorted = values.slice().sort();
    for (const q of [0, 0.001, 0.4, 0.99, 0.9999]) {
      const k = Math.floor(q * 2999);
      expect(percentile(values, q)).toBeCloseTo(sorted[k]! + (q * 2999 - k) * (sorted[k + 1]! - sorted[k]!), 3);
    }
    expect(values).toEqual(before);
  });

  it("is the interpolated order statistic of the sorted values", () => {
    const random = seedTree("percentile");
    for (let n = 1; n < 80; n++) {
      const values = Float64Array.from({ length: n }, () => (n % 3 ? random.normal() : random.integer(4)));
      const sorted = [...values].sort((a, b) => a - b);
      for (const q of [0, 0.3, 0.5, 0.99, 1]) {
        const k = Math.floor(q * (n - 1));
        const expected = sorted[k]! + (q * (n - 1) - k) * ((sorted[k + 1] ?? sorted[k]!) - sorted[k]!);
        expect(percentile(values.slice(), q)).toBeCloseTo(expected, 12);
      }
    }
  });
});

describe("tied share", () => {
  const { pairs } = readJson("metrics/manifest.json") as { pairs: Record<string, { a: string; b: string; facts: Record<string, number> }> };
  it.each(Object.entries(pairs))("agrees with the oracle on %s", (_, { a, b, facts }) => {
    expect(tiedShare(read(`metrics/${a}`))).toBeCloseTo(facts["tied-share-a"]!, 12);
    expect(tiedShare(read(`metrics/${b}`))).toBeCloseTo(facts["tied-share-b"]!, 12);
  });
});

describe("tied share of odd values", () => {
  it("counts equal neighbours of the sorted values, −0 with 0 and no NaN", () => {
    expect(tiedShare(image([0, -0, 1, NaN, NaN, 2, 1, 1, -1, 5e-45]))).toBe(0.5);
    expect(tiedShare(image([7]))).toBe(0);
    expect(tiedShare(image([]))).toBe(0);
    const random = seedTree("tied-share");
    for (const [n, levels] of [
      [1024, 300],
      [4096, 1e9],
      [5000, 4000],
    ] as const) {
      const values = Float32Array.from({ length: n }, () => random.integer(levels) / 7 - 20);
      const sorted = values.slice().sort();
      const tied = sorted.filter((value, i) => value === sorted[i - 1] || value === sorted[i + 1]).length;
      expect(tiedShare({ values, height: 1, width: n, channels: 1 })).toBe(tied / n);
    }
  });
});

describe("foreground", () => {
  const input = image([0, 0, 0.5, 0, 0, 0, 0, 0.1], 2);
  const map = image([1, 2, 3, 4]);

  it("leaves pointwise metrics the cells in which any channel of the image differs from the background", () => {
    expect(maskForeground(map, input, 0, "pointwise")).toEqual(image([2, 4]));
    const pairs = image([1, 10, 2, 20, 3, 30, 4, 40], 2);
    expect(maskForeground(pairs, input, 0, "pointwise")).toEqual(image([2, 20, 4, 40], 2));
  });

  it("leaves spatial metrics the whole map with zeros elsewhere", () => {
    expect(maskForeground(map, input, 0, "spatial")).toEqual(image([0, 2, 0, 4]));
  });

  it("compares with the background as float32", () => {
    expect(maskForeground(map, image([0.1, 0.1, 1, 2]), 0.1, "pointwise")).toEqual(image([3, 4]));
  });

  it("is undefined with fewer than 2 cells", () => {
    expect(maskForeground(map, image([0, 0, 0, 1]), 0, "pointwise")).toEqual({
      undefined: "fewer than 2 cells differ from the background",
    });
    expect(maskForeground(map, image([0, 0, 0, 1]), 0, "spatial")).toEqual({ undefined: "fewer than 2 cells differ from the background" });
  });

  it("refuses a map of another size than its image", () => {
    expect(() => maskForeground(map, image([0, 1, 2]), 0, "spatial")).toThrow(AssayError);
  });
});

import { seedTree, type MapImage } from "@assay/core/plugin";
import { describe, expect, it } from "vitest";
import { ssim } from "../src/index.js";
import { itAgreesWithTheOracle, itPassesTheKit, readJson, score } from "./oracle.js";

const flat = (level: number, side: number) => ({
  values: new Float32Array(side * side).fill(level),
  height: side,
  width: side,
  channels: 1,
});

/** The formula, window by window, with all 121 weights; `reach` is the data range. */
function slowSsim(a: MapImage, b: MapImage, reach: number): number {
  const offsets = Array.from({ length: 121 }, (_, i) => [Math.floor(i / 11), i % 11] as const);
  const raw = offsets.map(([y, x]) => Math.exp(-((y - 5) ** 2 + (x - 5) ** 2) / 4.5));
  const total = raw.reduce((sum, one) => sum + one, 0);
  const weights = raw.map((one) => one / total);
  const [C1, C2] = [(0.01 * reach) ** 2, (0.03 * reach) ** 2];
  let [sum, count] = [0, 0];
  for (let c = 0; c < a.channels; c++) {
    for (let top = 0; top + 11 <= a.height; top++) {
      for (let left = 0; left + 11 <= a.width; left++) {
        const cells = ({ values, width, channels }: MapImage) =>
          offsets.map(([y, x]) => values[((top + y) * width + left + x) * channels + c]!);
        const [p, q] = [cells(a), cells(b)];
        const mean = (of: (i: number) => number) => weights.reduce((sum, weight, i) => sum + weight * of(i), 0);
        const [m, n] = [mean((i) => p[i]!), mean((i) => q[i]!)];
        const covariance = (u: number[], v: number[], mu: number, nu: number) => (121 / 120) * mean((i) => (u[i]! - mu) * (v[i]! - nu));
        const alike = (2 * m * n + C1) * (2 * covariance(p, q, m, n) + C2);
        sum += alike / ((m * m + n * n + C1) * (covariance(p, p, m, m) + covariance(q, q, n, n) + C2));
        count++;
      }
    }
  }
  return sum / count;
}

describe("ssim", () => {
  itPassesTheKit(ssim);
  itAgreesWithTheOracle(ssim, "ssim-range-1", () => ({ range: 1 }));
  itAgreesWithTheOracle(ssim, "ssim-range-2", () => ssim.presets?.paper ?? {});

  // Odd and even rows of windows, one strip of 64 columns exactly, more than one, and a single window.
  it.each([
    [11, 11, 1],
    [12, 19, 1],
    [13, 74, 1],
    [11, 75, 1],
    [15, 90, 1],
    [14, 36, 3],
    [11, 12, 2],
    [12, 150, 1],
  ])("is what the formula gives window by window at %i×%i×%i", (height, width, channels) => {
    const random = seedTree("ssim").split("size", height * width * channels);
    const draw = (level: number): MapImage => ({
      values: Float32Array.from({ length: height * width * channels }, (_, i) => level * (i % channels) + random.uniform()),
      height,
      width,
      channels,
    });
    const noise = draw(0);
    const half = { ...noise, values: noise.values.map((v) => 0.5 * v + 0.3 * random.uniform()) };
    expect(score(ssim, noise, half, { range: 1 })).toBeCloseTo(slowSsim(noise, half, 1), 12);
    const far = [draw(1e4), draw(1e4)] as const;
    expect(score(ssim, ...far, { range: 2e4 })).toBeCloseTo(slowSsim(...far, 2e4), 9);
  });

  it("compares one reference with many, among them larger maps between", () => {
    const random = seedTree("ssim-many");
    const draw = (side: number): MapImage => ({
      ...flat(0, side),
      values: Float32Array.from({ length: side * side }, () => random.uniform()),
    });
    const prepared = (map: MapImage) => ssim.prepare(map, { range: 1 }) as Exclude<ReturnType<typeof ssim.prepare>, { undefined: string }>;
    const reference = draw(20);
    const kept = prepared(reference);
    for (let turn = 0; turn < 3; turn++) {
      const other = draw(20);
      const large = prepared(draw(60 + 40 * turn));
      expect(ssim.compare(large, large, { range: 1 })).toBeCloseTo(1, 12);
      expect(ssim.compare(kept, prepared(other), { range: 1 })).toBe(score(ssim, reference, other, { range: 1 }));
    }
  });

  it("compares zeros and ones by their means alone", () => {
    const { ssimZerosOnes16 } = readJson("toy/similarities.json") as { ssimZerosOnes16: { exact: number } };
    expect(score(ssim, flat(0, 16), flat(1, 16), { range: 1 })).toBeCloseTo(ssimZerosOnes16.exact, 12);
  });

  it("is undefined where the window does not fit", () => {
    expect(ssim.minimumSize?.({ range: 1 })).toBe(11);
    expect(score(ssim, flat(0, 10), flat(0, 10), { range: 1 })).toBeUndefined();
    expect(score(ssim, flat(0, 11), flat(0, 11), { range: 1 })).toBe(1);
  });
});

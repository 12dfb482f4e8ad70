import { describe, expect, it } from "vitest";
import { ssim } from "../src/index.js";
import { itAgreesWithTheOracle, itPassesTheKit, readJson, score } from "./oracle.js";

const flat = (level: number, side: number) => ({
  values: new Float32Array(side * side).fill(level),
  height: side,
  width: side,
  channels: 1,
});

describe("ssim", () => {
  itPassesTheKit(ssim);
  itAgreesWithTheOracle(ssim, "ssim-range-1", () => ({ range: 1 }));
  itAgreesWithTheOracle(ssim, "ssim-range-2", () => ssim.presets?.paper ?? {});

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

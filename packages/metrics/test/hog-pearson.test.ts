import { describe, expect, it } from "vitest";
import { hogPearson } from "../src/index.js";
import { itAgreesWithTheOracle, itPassesTheKit, oraclePairs, readMap, score } from "./oracle.js";

describe("hog-pearson", () => {
  itPassesTheKit(hogPearson);
  itAgreesWithTheOracle(hogPearson, "hog-pearson", ({ hogCell }) => ({ cell: hogCell }));

  it("does not see the sign of a map", () => {
    const map = readMap(oraclePairs.find(([name]) => name === "signed-28")![1].a);
    expect(score(hogPearson, map, { ...map, values: map.values.map((v) => -v) }, { cell: 4 })).toBeCloseTo(1, 12);
  });

  it("needs a block of 3×3 cells", () => {
    expect(hogPearson.minimumSize?.({ cell: 4 })).toBe(12);
    const small = { values: Float32Array.from({ length: 64 }, (_, i) => i), height: 8, width: 8, channels: 1 };
    expect(score(hogPearson, small, small, { cell: 4 })).toBeUndefined();
  });
});

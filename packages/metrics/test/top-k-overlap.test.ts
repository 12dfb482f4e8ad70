import { describe, expect, it } from "vitest";
import { topKOverlap } from "../src/index.js";
import { itAgreesWithTheOracle, itPassesTheKit, row, score } from "./oracle.js";

describe("top-k-overlap", () => {
  itPassesTheKit(topKOverlap);
  itAgreesWithTheOracle(topKOverlap, "top-10-percent-overlap", () => ({ share: 0.1 }));

  it("counts the shared cells among the largest signed values", () => {
    const [a, b] = [row([5, 4, 3, -9, 1]), row([1, 5, 0, 9, -1])];
    expect(score(topKOverlap, a, b, { share: 0.4 })).toBe(0.5);
    expect(score(topKOverlap, a, b, { share: 1 })).toBe(1);
  });

  it("is undefined where the border ties, and where the share is less than one cell", () => {
    expect(score(topKOverlap, row([2, 1, 1, 0]), row([3, 2, 1, 0]), { share: 0.5 })).toBeUndefined();
    expect(score(topKOverlap, row([2, 2, 1, 0]), row([3, 2, 1, 0]), { share: 0.5 })).toBe(1);
    expect(score(topKOverlap, row([2, 3, 1, 0]), row([3, 2, 1, 0]), { share: 0.2 })).toBeUndefined();
  });
});

import { describe, expect, it } from "vitest";
import { pearson } from "../src/index.js";
import { itAgreesWithTheOracle, itPassesTheKit, readJson, row, score } from "./oracle.js";

const { rows } = readJson("toy/similarities.json") as { rows: { a: number[]; b: number[]; pearson: number | null }[] };

describe("pearson", () => {
  itPassesTheKit(pearson);
  itAgreesWithTheOracle(pearson, "pearson", () => ({}));

  it.each(rows)("gives $pearson for $a and $b", ({ a, b, pearson: expected }) => {
    const got = score(pearson, row(a), row(b), {});
    if (expected === null) expect(got).toBeUndefined();
    else expect(got).toBeCloseTo(expected, 6);
  });
});

import { describe, expect, it } from "vitest";
import { cosine } from "../src/index.js";
import { itAgreesWithTheOracle, itPassesTheKit, readJson, row, score } from "./oracle.js";

const { rows } = readJson("toy/similarities.json") as { rows: { a: number[]; b: number[]; cosine: number | null }[] };

describe("cosine", () => {
  itPassesTheKit(cosine);
  itAgreesWithTheOracle(cosine, "cosine", () => ({}));

  it.each(rows)("gives $cosine for $a and $b", ({ a, b, cosine: expected }) => {
    const got = score(cosine, row(a), row(b), {});
    if (expected === null) expect(got).toBeUndefined();
    else expect(got).toBeCloseTo(expected, 6);
  });
});

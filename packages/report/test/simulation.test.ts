import { describe, expect, it } from "vitest";
import { record, WORLDS } from "./simulated-experiments.js";

// Five hundred experiments each, and worlds of maps, are for the slow proofs. A share of 200 has a standard error of 1.5 %.
const size = { experiments: 200, draws: 5, images: 32, long: 8000 };

describe.each(WORLDS.slice(0, 3))("200 experiments with $name", (world) => {
  it("whose true κ is at the threshold: about 95 % of the intervals hold it, and few verdicts are given", () => {
    const found = record(world, 0.5, size);
    expect(found.covered).toBeGreaterThanOrEqual(0.91);
    expect(found.insensitive).toBeLessThanOrEqual(0.07);
    expect(found.sensitive).toBeLessThanOrEqual(0.07);
  });
});

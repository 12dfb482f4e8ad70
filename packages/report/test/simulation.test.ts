import { describe, expect, it } from "vitest";
import { record, WORLDS } from "./simulated-experiments.js";
import { mistakes, recordRho } from "./simulated-families.js";

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

describe("60 experiments of 6 methods by 4 metrics each", () => {
  it("with κ at the threshold: hardly one calls a method insensitive, where the metrics by themselves do it in a third", () => {
    const found = mistakes(60, () => 0.5);
    expect(found.insensitive).toBeLessThanOrEqual(0.07);
    expect(found.insensitiveAlone).toBeGreaterThan(0.2);
  });
});

describe("200 experiments with a twin", () => {
  it("whose true ρ is at the threshold: about 95 % of the intervals hold it, and few verdicts are given", () => {
    const found = recordRho(200, 0.5, 0.6);
    expect(found.covered).toBeGreaterThanOrEqual(0.91);
    expect(found.insensitive).toBeLessThanOrEqual(0.07);
    expect(found.sensitive).toBeLessThanOrEqual(0.07);
  });
});

import { describe, expect, it } from "vitest";
import { record, told, WORLDS } from "./simulated-experiments.js";
import { mistakes, recordRho } from "./simulated-families.js";

const size = { experiments: 500, draws: 5, images: 32, long: 8000 };

describe.each(WORLDS)("500 experiments with $name", { timeout: 600_000 }, (world) => {
  it("whose true κ is at the threshold: 95 % intervals hold it in 92 to 98 %, and neither verdict is given in more than 5 %", () => {
    const found = record(world, 0.5, size);
    process.stderr.write(`${told(found)}\n`);
    expect(found.covered).toBeGreaterThanOrEqual(0.92);
    expect(found.covered).toBeLessThanOrEqual(0.98);
    expect(found.insensitive).toBeLessThanOrEqual(0.05);
    expect(found.sensitive).toBeLessThanOrEqual(0.05);
  });

  it("whose true κ is .3 or .7: the wrong verdict is never given (how often the right one is, is told)", () => {
    const [low, high] = [record(world, 0.3, size), record(world, 0.7, size)];
    process.stderr.write(`${told(low)}\n${told(high)}\n`);
    expect(low.insensitive).toBe(0);
    expect(high.sensitive).toBe(0);
  });
});

describe("500 experiments of 6 methods by 4 metrics each", { timeout: 300_000 }, () => {
  it("of κ at the threshold: some method is called insensitive in no more than 2.5 % of them, though one metric is enough", () => {
    const found = mistakes(500, () => 0.5);
    process.stderr.write(`all metrics at the threshold: ${JSON.stringify(found)}\n`);
    expect(found.insensitive).toBeLessThanOrEqual(0.025);
    expect(found.sensitive).toBe(0);
    expect(found.insensitiveAlone).toBeGreaterThan(0.25);
  });

  it("of κ at the threshold by one metric and .1 by the others: some method is called sensitive in no more than 2.5 %", () => {
    const found = mistakes(500, (metric) => (metric === 0 ? 0.5 : 0.1));
    process.stderr.write(`one metric at the threshold: ${JSON.stringify(found)}\n`);
    expect(found.insensitive + found.sensitive).toBeLessThanOrEqual(0.05);
    expect(found.sensitiveAlone).toBeGreaterThan(0.1);
  });
});

describe("1000 experiments with a twin", { timeout: 300_000 }, () => {
  it.each([0.6, 0.25])("whose true ρ is at the threshold, with κ_twin %d: 92 to 98 % cover it, and few verdicts are given", (kappaTwin) => {
    const found = recordRho(1000, 0.5, kappaTwin);
    process.stderr.write(`ρ .5, κ_twin ${kappaTwin}: ${JSON.stringify(found)}\n`);
    expect(found.covered).toBeGreaterThanOrEqual(0.92);
    expect(found.covered).toBeLessThanOrEqual(0.98);
    expect(found.insensitive).toBeLessThanOrEqual(0.05);
    expect(found.sensitive).toBeLessThanOrEqual(0.05);
  });

  it("whose true ρ is .3 or .7: the wrong verdict is never given (how often the right one is, is told)", () => {
    const [low, high] = [recordRho(1000, 0.3, 0.6), recordRho(1000, 0.7, 0.6)];
    process.stderr.write(`ρ .3: ${JSON.stringify(low)}\nρ .7: ${JSON.stringify(high)}\n`);
    expect(low.insensitive).toBe(0);
    expect(high.sensitive).toBe(0);
  });
});

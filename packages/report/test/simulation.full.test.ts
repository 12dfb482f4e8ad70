import { describe, expect, it } from "vitest";
import { record, told, WORLDS } from "./simulated-experiments.js";

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

import { describe, expect, it } from "vitest";
import { NoiseMemo } from "../../src/engine/random-batch.js";

const BYTES = 4;

/** Asks for noise of one value each, and tells which had to be made. */
function made(memo: NoiseMemo, ...keys: readonly string[]): string[] {
  const fresh: string[] = [];
  for (const key of keys) {
    memo.get(key, () => {
      fresh.push(key);
      return Float32Array.of(0);
    });
  }
  return fresh;
}

describe("the memo of noise", () => {
  it("keeps the first ones when it is full, for every network that asks for them", () => {
    const memo = new NoiseMemo(2 * BYTES);
    expect(made(memo, "a", "b", "c")).toEqual(["a", "b", "c"]);
    for (let network = 0; network < 3; network++) {
      memo.nextNetwork();
      expect(made(memo, "a", "b", "c")).toEqual(["c"]);
    }
  });

  it("gives room to what later networks ask for, once one did not ask for the first ones", () => {
    const memo = new NoiseMemo(2 * BYTES);
    expect(made(memo, "reference", "a", "b")).toEqual(["reference", "a", "b"]);
    memo.nextNetwork();
    expect(made(memo, "a", "b")).toEqual(["b"]);
    memo.nextNetwork();
    expect(made(memo, "a", "b")).toEqual(["b"]);
    memo.nextNetwork();
    expect(made(memo, "a", "b")).toEqual([]);
  });
});

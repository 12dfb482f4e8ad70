import { seedTree } from "@assay/core/plugin";
import { describe, expect, it } from "vitest";
import { permuted, spearman } from "../src/index.js";
import { itIsAProperSurrogate, row, score } from "./oracle.js";

describe("permuted", () => {
  itIsAProperSurrogate(permuted);

  it("moves values over the cells that are not zero only, channels together", () => {
    const cells = [[0, 0], [1, 2], [0, 0], [3, 0], [5, 6], [0, 8]]; // prettier-ignore
    const stack = { values: Float32Array.from(cells.flat()), height: 2, width: 3, channels: 2, images: Int32Array.of(4) };
    const made = permuted.surrogate(stack, seedTree(1), { times: 50 });
    const seen = new Set<string>();
    for (let time = 0; time < 50; time++) {
      const map = Array.from({ length: 6 }, (_, i) => [...made.values.subarray(time * 12 + 2 * i, time * 12 + 2 * i + 2)]);
      expect([map[0], map[2]]).toEqual([[0, 0], [0, 0]]); // prettier-ignore
      expect(map.map((cell) => cell.join()).sort()).toEqual(cells.map((cell) => cell.join()).sort());
      seen.add(map.join(";"));
    }
    expect(seen.size).toBeGreaterThan(15);
  });

  it("gives an image the same versions whatever else is in the stack, and fewer times a prefix of more", () => {
    const random = seedTree("stack");
    const both = {
      values: Float32Array.from({ length: 50 }, () => random.normal()),
      height: 5,
      width: 5,
      channels: 1,
      images: Int32Array.of(3, 9),
    };
    const second = { ...both, values: both.values.slice(25), images: Int32Array.of(9) };
    const all = permuted.surrogate(both, seedTree(1), { times: 4 });
    expect(permuted.surrogate(second, seedTree(1), { times: 2 }).values).toEqual(all.values.slice(100, 150));
  });

  it("leaves Spearman at 3z/(1 + z + z²) where a share z of zeros is shared", () => {
    const random = seedTree("sparse");
    const map = row(Array.from({ length: 784 }, (_, i) => (i % 5 === 0 ? 0.1 + random.uniform() : 0)));
    const made = permuted.surrogate({ ...map, images: Int32Array.of(0) }, seedTree(1), { times: 200 });
    const scores = Array.from({ length: 200 }, (_, t) =>
      score(spearman, map, { ...map, values: made.values.subarray(t * 784, (t + 1) * 784) }, {})!,
    );
    const z = map.values.filter((v) => v === 0).length / 784;
    expect(scores.reduce((sum, value) => sum + value, 0) / 200).toBeCloseTo((3 * z) / (1 + z + z * z), 3);
  });
});

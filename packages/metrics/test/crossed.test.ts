import { AssayError, seedTree, type MapStack } from "@assay/core/plugin";
import { describe, expect, it } from "vitest";
import { crossed } from "../src/index.js";
import { itIsAProperSurrogate } from "./oracle.js";

const stackOf = (ids: readonly number[]): MapStack => ({
  values: Float32Array.from(ids.flatMap((id) => [id, id])),
  height: 1,
  width: 2,
  channels: 1,
  images: Int32Array.from(ids),
});

/** Which images' maps stand for each image. */
function sources(ids: readonly number[], times: number): Map<number, number[]> {
  const made = crossed.surrogate(stackOf(ids), seedTree(5), { times });
  const found = new Map<number, number[]>();
  made.images.forEach((id, i) => found.set(id, [...(found.get(id) ?? []), made.values[2 * i]!]));
  return found;
}

describe("crossed", () => {
  itIsAProperSurrogate(crossed);

  it("takes other images only, each once before any comes again", () => {
    for (const [id, taken] of sources([1, 2, 3, 4, 5], 8)) {
      expect(taken).toHaveLength(8);
      expect(taken).not.toContain(id);
      expect(new Set(taken.slice(0, 4)).size).toBe(4);
      expect(new Set(taken.slice(4)).size).toBe(4);
    }
  });

  it("does not depend on the order of the images", () => {
    const [one, other] = [sources([1, 2, 3, 4, 5], 3), sources([4, 1, 5, 3, 2], 3)];
    for (const [id, taken] of one) expect(other.get(id)).toEqual(taken);
  });

  it("refuses a single image", () => {
    expect(() => sources([1], 3)).toThrow(AssayError);
    expect(() => sources([1], 3)).toThrow(/SURROGATE-CROSSED/);
  });
});

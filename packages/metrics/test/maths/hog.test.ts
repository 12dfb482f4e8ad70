import type { MapImage } from "@assay/core/plugin";
import { describe, expect, it } from "vitest";
import { hogCell, hogVector } from "../../src/maths/hog.js";
import { oraclePairs, readArray, readMap } from "../oracle.js";

/** The recipe with angles in degrees, cell by cell. */
function slowHog({ values, height, width, channels }: MapImage, cell: number): number[] {
  const at = (y: number, x: number, c: number) => values[(y * width + x) * channels + c]!;
  const cells = Array.from({ length: Math.floor(height / cell) }, () =>
    Array.from({ length: Math.floor(width / cell) }, () => new Array<number>(9).fill(0)),
  );
  cells.forEach((line, cy) =>
    line.forEach((bins, cx) => {
      for (let y = cy * cell; y < (cy + 1) * cell; y++) {
        for (let x = cx * cell; x < (cx + 1) * cell; x++) {
          const gradients = Array.from({ length: channels }, (_, c) => [
            y > 0 && y < height - 1 ? at(y + 1, x, c) - at(y - 1, x, c) : 0,
            x > 0 && x < width - 1 ? at(y, x + 1, c) - at(y, x - 1, c) : 0,
          ]);
          const sizes = gradients.map(([down, right]) => Math.hypot(down!, right!));
          const [down, right] = gradients[sizes.indexOf(Math.max(...sizes))]!;
          const degrees = ((Math.atan2(down!, right!) * 180) / Math.PI + 180) % 180;
          bins[Math.floor(degrees / 20)]! += Math.max(...sizes) / cell ** 2;
        }
      }
    }),
  );
  const blocks: number[] = [];
  for (let y = 0; y + 3 <= cells.length; y++) {
    for (let x = 0; x + 3 <= cells[0]!.length; x++) {
      const block = cells.slice(y, y + 3).flatMap((line) => line.slice(x, x + 3).flat());
      const normed = (v: number[]) => v.map((one) => one / Math.sqrt(v.reduce((sum, other) => sum + other * other, 0) + 1e-10));
      blocks.push(...normed(normed(block).map((one) => Math.min(one, 0.2))));
    }
  }
  return blocks;
}

const worst = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((most, v, i) => Math.max(most, Math.abs(v - b[i]!)), 0);

describe("HOG", () => {
  it.each(oraclePairs)("has the vector of scikit-image on %s", (name, { a, b, hogCell: cell }) => {
    for (const [side, file] of [
      ["a", a],
      ["b", b],
    ] as const) {
      const { values } = readArray(`metrics/${name}.hog-${side}.npy`);
      const hog = hogVector(readMap(file), cell);
      expect(hog.length).toBe(values.length);
      expect(worst(hog, values)).toBeLessThan(1e-6);
    }
  });

  it.each(oraclePairs.filter(([name]) => !name.endsWith("299")))(
    "has the vector of the recipe in degrees on %s",
    (_, { a, hogCell: cell }) => {
      expect(worst(hogVector(readMap(a), cell), slowHog(readMap(a), cell))).toBeLessThan(1e-9);
    },
  );

  it("takes cells of 4 at 28×28, 5 at 35×40 and 16 from 112 on, unless told", () => {
    const cellAt = (height: number, width: number, cell = 0) => hogCell({ values: new Float32Array(), height, width, channels: 1 }, cell);
    expect([cellAt(28, 28), cellAt(35, 40), cellAt(112, 200), cellAt(224, 224), cellAt(299, 299), cellAt(28, 28, 7), cellAt(5, 5)]).toEqual(
      [4, 5, 16, 16, 16, 7, 1],
    );
  });
});

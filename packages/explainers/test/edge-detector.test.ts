import { seedTree } from "@assay/core/plugin";
import { startBackend } from "@assay/network";
import { beforeAll, describe, expect, it } from "vitest";
import { edgeDetector } from "../src/edge-detector.js";
import { passesTheKit } from "./oracle.js";
import { expectNear, explain, handMade } from "./toy.js";

await passesTheKit(edgeDetector);
await passesTheKit(edgeDetector, { params: { method: "canny" } }, "by Canny's method");

const SIDE = 16;
const square = (level: number, from = 4, to = 12): number[] =>
  Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [r, c] = [Math.floor(i / SIDE), i % SIDE];
    return r >= from && r < to && c >= from && c < to ? level : 0;
  });

const sobel = (image: readonly number[], height: number, width: number, channels = 1) =>
  explain(handMade({ inputShape: [height, width, channels] }), edgeDetector, image);
const canny = async (image: readonly number[], params = {}): Promise<number[]> => [
  ...(await explain(handMade({ inputShape: [SIDE, SIDE, 1] }), edgeDetector, image, { params: { method: "canny", ...params } })),
];

/** Cells reached from one cell by steps to neighbours for which `open` holds; `diagonal` steps or straight ones only. */
function reached(start: number, open: (cell: number) => boolean, diagonal: boolean): Set<number> {
  const seen = new Set([start]);
  for (const cell of seen) {
    const [r, c] = [Math.floor(cell / SIDE), cell % SIDE];
    for (const [dr, dc] of [
      [-1, 0],
      [1, 0],
      [0, -1],
      [0, 1],
      ...(diagonal
        ? [
            [-1, -1],
            [-1, 1],
            [1, -1],
            [1, 1],
          ]
        : []),
    ] as [number, number][]) {
      // prettier-ignore
      const [nr, nc] = [r + dr, c + dc];
      if (nr >= 0 && nc >= 0 && nr < SIDE && nc < SIDE && open(nr * SIDE + nc)) seen.add(nr * SIDE + nc);
    }
  }
  return seen;
}

describe("edge-detector", () => {
  beforeAll(() => startBackend("tensorflow"));

  it("is 4 beside an upright step of 1, and 0 elsewhere and at the border", async () => {
    const rows = [0, 0, 0, 1, 1, 1];
    expectNear(
      await sobel([rows, rows, rows].flat(), 3, 6),
      [0, 1, 2].flatMap(() => [0, 0, 4, 4, 0, 0]),
    );
  });

  it("is the same for a step that lies", async () => {
    const image = [0, 0, 1, 1].flatMap((value) => [value, value, value]);
    expectNear(
      await sobel(image, 4, 3),
      [0, 4, 4, 0].flatMap((value) => [value, value, value]),
    );
  });

  it("spreads a single bright pixel as the two kernels do", async () => {
    const map = await sobel([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0].map((v) => v), 3, 5); // prettier-ignore
    const corner = Math.hypot(1, 1);
    expectNear(map, [0, corner, 2, corner, 0, 0, 2, 0, 2, 0, 0, corner, 2, corner, 0]);
  });

  it("is Sobel's magnitude of the mean over the channels, borders mirrored", async () => {
    const random = seedTree("sobel");
    const [height, width, channels] = [5, 7, 3];
    const image = Array.from({ length: height * width * channels }, () => Math.fround(random.uniform()));
    const clamp = (i: number, size: number) => Math.min(size - 1, Math.max(0, i));
    const gray = (r: number, c: number) => {
      const cell = (clamp(r, height) * width + clamp(c, width)) * channels;
      return (image[cell]! + image[cell + 1]! + image[cell + 2]!) / 3;
    };
    const weights = [1, 2, 1];
    const expected = Array.from({ length: height * width }, (_, i) => {
      const [r, c] = [Math.floor(i / width), i % width];
      const down = weights.reduce((sum, w, k) => sum + w * (gray(r + 1, c + k - 1) - gray(r - 1, c + k - 1)), 0);
      const across = weights.reduce((sum, w, k) => sum + w * (gray(r + k - 1, c + 1) - gray(r + k - 1, c - 1)), 0);
      return Math.hypot(down, across);
    });
    expectNear(await sobel(image, height, width, channels), expected);
  });

  it("gives Canny's edges of a square: binary, thin, in one piece and closed", async () => {
    const edges = await canny(square(1));
    expect(new Set(edges)).toEqual(new Set([0, 1]));
    const cells = edges.flatMap((value, i) => (value === 1 ? [i] : []));
    const isEdge = (cell: number) => edges[cell] === 1;
    const thick = cells.filter((cell) => [1, SIDE, SIDE + 1].every((step) => isEdge(cell + step)));
    expect(thick, "no 2×2 block of edge cells").toEqual([]);
    expect(reached(cells[0]!, isEdge, true).size, "one piece").toBe(cells.length);
    expect(reached(8 * SIDE + 8, (cell) => !isEdge(cell), false).has(0), "the middle cannot be left").toBe(false);
    for (const cell of cells) {
      const beside = Math.max(Math.abs(Math.floor(cell / SIDE) - 7.5), Math.abs((cell % SIDE) - 7.5));
      expect(Math.abs(beside - 4), `cell ${cell} lies at the outline`).toBeLessThanOrEqual(1);
    }
  });

  it("keeps a weak edge only where it touches a strong one", async () => {
    // Two squares apart: one bright, one at .15 of it. The weak one alone never reaches `high`.
    const both = square(1, 2, 6).map((value, i) => value + (square(0.15, 9, 14)[i] ?? 0));
    const weak = (edges: readonly number[]) => edges.filter((value, i) => value === 1 && Math.floor(i / SIDE) >= 8).length;
    expect(weak(await canny(both, { low: 0.05, high: 0.3 }))).toBe(0);
    expect(weak(await canny(both, { low: 0.05, high: 0.05 }))).toBeGreaterThan(8);
  });

  it("finds no edge in a constant image", async () => {
    const flat = new Array<number>(SIDE * SIDE).fill(0.7);
    expect(Math.max(...(await canny(flat)))).toBe(0);
    expect(Math.max(...(await sobel(flat, SIDE, SIDE)))).toBeLessThan(1e-6);
  });
});

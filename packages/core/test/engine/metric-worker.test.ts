import { expect, it } from "vitest";
import { MetricPool } from "../../src/engine/metric-pool.js";
import type { MetricTask, ScoreColumns } from "../../src/engine/metric-task.js";
import score from "../../src/engine/metric-worker.js";
import type { StoredMaps } from "../../src/store/store.js";

const METRICS = new URL("./fixtures/metrics.mjs", import.meta.url).href;
const SIDE = 1024;
const MAPS = 6;
/** Of 4 MiB each. */
const maps = (): StoredMaps => ({
  values: new Float32Array(new SharedArrayBuffer(MAPS * SIDE * SIDE * Float32Array.BYTES_PER_ELEMENT)),
  height: SIDE,
  width: SIDE,
  channels: 1,
  images: Int32Array.from({ length: MAPS }, (_, i) => i),
  targets: new Int32Array(MAPS),
  reasons: {},
});

const task = (b: StoredMaps): MetricTask => ({
  a: maps(),
  aKey: "a",
  b,
  // The score is how many maps a thread prepared until then.
  metrics: [{ module: METRICS, name: "prepared", params: {}, view: { name: "raw" } }],
});

it("keeps what was prepared of 16 MiB of reference maps, and prepares the rest of a larger stack anew", async () => {
  const share = { ...task(maps()), positions: [0, 1, 2, 3, 4, 5], threads: 1 };
  expect(await score(share)).toMatchObject([{ scores: { value: [2, 4, 6, 8, 10, 12] } }]);
  expect(await score(share)).toMatchObject([{ scores: { value: [13, 14, 15, 16, 18, 20] } }]);
});

it("keeps its part of them, where threads share the images", async () => {
  const share = { ...task(maps()), aKey: "shared", positions: [0, 2, 4], threads: 2 };
  const [first, second] = [await score(share), await score(share)].map(([answer]) => (answer as { scores: ScoreColumns }).scores.value);
  const [base] = first as [number];
  // Two of 4 MiB stay.
  expect(first).toEqual([base, undefined, base + 2, undefined, base + 4]);
  expect(second).toEqual([base + 5, undefined, base + 6, undefined, base + 8]);
});

it("gives an image always to the same thread, and puts together what all of them say", async () => {
  const pool = new MetricPool(2);
  // Images of b twice, and one that the other side has not.
  const images = Int32Array.from([3, 0, 1, 2, 3, 9]);
  const b: StoredMaps = { ...maps(), images, targets: Int32Array.from(images, (image) => 10 * image) };
  try {
    const [answer] = await pool.run(task(b));
    const { scores } = answer as { scores: ScoreColumns };
    expect(scores.image).toEqual([...images]);
    expect(scores.target).toEqual([30, 0, 10, 20, 30, 90]);
    expect(scores.repetition).toEqual([0, 0, 0, 0, 1, 0]);
    // One thread prepares of images 3 and 1: 3 on both sides, 1 on both, 3 again on one, 9 on one. The other of 0 and 2.
    expect(scores.value).toEqual([2, 2, 4, 4, 5, null]);
    expect(scores.reasons).toEqual({ 5: "the other side has no map of this image" });
  } finally {
    await pool.close();
  }
});

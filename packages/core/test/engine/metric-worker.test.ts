import { expect, it } from "vitest";
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

it("keeps what was prepared of 16 MiB of reference maps, and prepares the rest of a larger stack anew", async () => {
  // The score is how many maps were prepared until then.
  const metrics = [{ module: METRICS, name: "prepared", params: {}, view: { name: "raw" } as const }];
  const task = { a: maps(), aKey: "a", b: maps(), metrics };
  expect(await score(task)).toMatchObject([{ scores: { value: [2, 4, 6, 8, 10, 12] } }]);
  expect(await score(task)).toMatchObject([{ scores: { value: [13, 14, 15, 16, 18, 20] } }]);
});

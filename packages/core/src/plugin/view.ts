import { AssayError } from "../errors/error.js";
import { notDefined, type MapImage, type MetricDefinition, type Undefined } from "./metric.js";
import { percentile } from "./percentile.js";

/** How an attribution becomes a map (docs/reference/views.md). */
export const VIEWS = ["raw", "absolute", "signed", "signed-paper", "unit"] as const;
export type ViewName = (typeof VIEWS)[number];

export interface View {
  readonly name: ViewName;
  /** keep only cells where the input image differs from the data set's background */
  readonly foreground?: boolean;
}

/**
 * Applies a view to one attribution. With t the sum over channels (of |v| for `absolute`) and P99 its 99th percentile:
 *
 *   absolute      (t − min)/(P99 − min) in [0, 1];        one channel: |v|/max|v|
 *   signed        t/P99(|t|) in [−1, 1];                  one channel: v/max|v|
 *   signed-paper  (t + s)/2s in [−1, 1], s = |P99(t)|;    one channel: as signed
 *   unit          (v − min)/(max − min), channels kept
 *
 * Clipping ties the top 1 %. Not defined where a divisor is 0 or a value is not finite; `raw` is the attribution itself.
 */
export function applyView(attribution: MapImage, view: ViewName): MapImage | Undefined {
  if (view === "raw") return attribution;
  if (!attribution.values.every(Number.isFinite)) return notDefined("the attribution holds NaN or infinite values");
  if (view === "unit") return unit(attribution);
  if (attribution.channels === 1) return byMaximum(attribution, view === "absolute");
  return view === "absolute" ? absolute(attribution) : signed(attribution, view);
}

function unit(attribution: MapImage): MapImage | Undefined {
  const { values } = attribution;
  let min = Infinity;
  let max = -Infinity;
  for (const v of values) {
    if (v < min) min = v;
    if (v > max) max = v;
  }
  if (!(max > min)) return notDefined("the maximum equals the minimum");
  return { ...attribution, values: values.map((v) => (v - min) / (max - min)) };
}

function byMaximum({ values, height, width }: MapImage, absolute: boolean): MapImage | Undefined {
  const top = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  if (top === 0) return notDefined("the maximum is 0");
  return { values: values.map((v) => (absolute ? Math.abs(v) : v) / top), height, width, channels: 1 };
}

function absolute({ values, height, width, channels }: MapImage): MapImage | Undefined {
  const t = sumOverChannels(values.map(Math.abs), channels);
  const min = t.reduce((least, v) => Math.min(least, v), Infinity);
  const p99 = percentile(t.slice(), 0.99);
  if (!(p99 > min)) return notDefined("the 99th percentile of the absolute channel sum equals its minimum");
  return { values: Float32Array.from(t, (v) => clip((v - min) / (p99 - min), 0)), height, width, channels: 1 };
}

function signed({ values, height, width, channels }: MapImage, view: "signed" | "signed-paper"): MapImage | Undefined {
  const t = sumOverChannels(values, channels);
  const s = view === "signed" ? percentile(t.map(Math.abs), 0.99) : Math.abs(percentile(t.slice(), 0.99));
  if (s === 0) return notDefined(`the 99th percentile of the ${view === "signed" ? "absolute " : ""}channel sum is 0`);
  const scaled = view === "signed" ? (v: number) => clip(v / s, -1) : (v: number) => clip((v + s) / (2 * s), -1);
  return { values: Float32Array.from(t, scaled), height, width, channels: 1 };
}

const clip = (value: number, least: number): number => Math.min(1, Math.max(least, value));

function sumOverChannels(values: Float32Array, channels: number): Float64Array {
  const sums = new Float64Array(values.length / channels);
  for (let cell = 0, i = 0; cell < sums.length; cell++) for (let c = 0; c < channels; c++) sums[cell]! += values[i++]!;
  return sums;
}

/** Share of values that occur more than once in the map, 0 … 1: what absolute Spearman must be read with. */
export function tiedShare({ values }: MapImage): number {
  const sorted = values.slice().sort();
  let tied = 0;
  for (let i = 0; i < sorted.length; i++) if (sorted[i] === sorted[i - 1] || sorted[i] === sorted[i + 1]) tied++;
  return sorted.length === 0 ? 0 : tied / sorted.length;
}

/** 1 for each cell of the input image in which any channel differs from the background. */
export function foregroundCells({ values, height, width, channels }: MapImage, background: number): Uint8Array {
  const empty = Math.fround(background);
  const kept = new Uint8Array(height * width);
  for (let i = 0; i < values.length; i++) if (values[i] !== empty) kept[Math.floor(i / channels)] = 1;
  return kept;
}

/**
 * Leaves only the cells that are 1 in `kept`. For pointwise metrics they stand in one row; for spatial ones they keep
 * their places and the others become 0.
 */
export function keepCells(map: MapImage, kept: Uint8Array, domain: MetricDefinition["domain"]): MapImage | Undefined {
  const { values, channels } = map;
  const count = kept.reduce((sum, one) => sum + one, 0);
  if (count < 2) return notDefined("fewer than 2 cells differ from the background");
  if (domain === "spatial") return { ...map, values: values.map((v, i) => (kept[Math.floor(i / channels)] ? v : 0)) };
  return { values: values.filter((_, i) => kept[Math.floor(i / channels)]), height: 1, width: count, channels };
}

/** The map on the cells where any channel of its input image differs from the background. */
export function maskForeground(
  map: MapImage,
  image: MapImage,
  background: number,
  domain: MetricDefinition["domain"],
): MapImage | Undefined {
  if (map.height !== image.height || map.width !== image.width) {
    throw new AssayError({
      code: "VIEW-SIZE",
      where: "foreground",
      what: "the map and its image differ in size",
      expected: `${image.height}×${image.width}`,
      got: `${map.height}×${map.width}`,
    });
  }
  return keepCells(map, foregroundCells(image, background), domain);
}

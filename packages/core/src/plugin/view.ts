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
  if (!allFinite(attribution.values)) return notDefined("the attribution holds NaN or infinite values");
  if (view === "unit") return unit(attribution);
  if (attribution.channels === 1) return byMaximum(attribution, view === "absolute");
  return view === "absolute" ? absolute(attribution) : signed(attribution, view);
}

function allFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

function unit(attribution: MapImage): MapImage | Undefined {
  const { values } = attribution;
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < values.length; i++) {
    min = Math.min(min, values[i]!);
    max = Math.max(max, values[i]!);
  }
  if (!(max > min)) return notDefined("the maximum equals the minimum");
  const mapped = new Float32Array(values.length);
  for (let i = 0; i < mapped.length; i++) mapped[i] = (values[i]! - min) / (max - min);
  return { ...attribution, values: mapped };
}

function byMaximum({ values, height, width }: MapImage, absolute: boolean): MapImage | Undefined {
  let top = 0;
  for (let i = 0; i < values.length; i++) top = Math.max(top, Math.abs(values[i]!));
  if (top === 0) return notDefined("the maximum is 0");
  const mapped = new Float32Array(values.length);
  for (let i = 0; i < mapped.length; i++) mapped[i] = (absolute ? Math.abs(values[i]!) : values[i]!) / top;
  return { values: mapped, height, width, channels: 1 };
}

function absolute({ values, height, width, channels }: MapImage): MapImage | Undefined {
  const t = new Float64Array(height * width);
  let min = Infinity;
  for (let cell = 0, i = 0; cell < t.length; cell++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += Math.abs(values[i++]!);
    t[cell] = sum;
    min = Math.min(min, sum);
  }
  const p99 = percentile(t, 0.99);
  if (!(p99 > min)) return notDefined("the 99th percentile of the absolute channel sum equals its minimum");
  return { values: clipped(t, -min, p99 - min, 0), height, width, channels: 1 };
}

function signed({ values, height, width, channels }: MapImage, view: "signed" | "signed-paper"): MapImage | Undefined {
  const t = new Float64Array(height * width);
  const sizes = new Float64Array(t.length);
  for (let cell = 0, i = 0; cell < t.length; cell++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += values[i++]!;
    t[cell] = sum;
    sizes[cell] = Math.abs(sum);
  }
  const s = view === "signed" ? percentile(sizes, 0.99) : Math.abs(percentile(t, 0.99));
  if (s === 0) return notDefined(`the 99th percentile of the ${view === "signed" ? "absolute " : ""}channel sum is 0`);
  const mapped = view === "signed" ? clipped(t, 0, s, -1) : clipped(t, s, 2 * s, -1);
  return { values: mapped, height, width, channels: 1 };
}

/** (v + shift)/divisor, held to [least, 1]. */
function clipped(values: Float64Array, shift: number, divisor: number, least: number): Float32Array {
  const mapped = new Float32Array(values.length);
  for (let i = 0; i < mapped.length; i++) mapped[i] = Math.min(1, Math.max(least, (values[i]! + shift) / divisor));
  return mapped;
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
  let count = 0;
  for (let cell = 0; cell < kept.length; cell++) count += kept[cell]!;
  if (count < 2) return notDefined("fewer than 2 cells differ from the background");
  const spatial = domain === "spatial";
  const left = new Float32Array(spatial ? values.length : count * channels);
  for (let cell = 0, to = 0; cell < kept.length; cell++) {
    if (kept[cell]) for (let c = 0; c < channels; c++) left[to + c] = values[cell * channels + c]!;
    if (spatial || kept[cell]) to += channels;
  }
  return spatial ? { ...map, values: left } : { values: left, height: 1, width: count, channels };
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

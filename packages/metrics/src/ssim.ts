import { defineMetric, notDefined, number, strictObject, type MapImage, type Undefined } from "@assay/core/plugin";
import { kernels, places, putDoubles, putFloats, takeDoubles } from "./kernels/kernels.js";
import { broken } from "./maths/finite.js";

/** A map to be compared. The local means and variances are kept of the first side alone, which is the one compared with many. */
interface Prepared {
  readonly map: MapImage;
  /** means of the channels, repeated over a row; what is summed up is the values less these, lest large means swallow small differences */
  readonly centres: Float64Array;
  moments: Float64Array | undefined;
}

/** Side of the window. */
const WINDOW = 11;

/**
 * Structural similarity, local means μ, variances and covariance σ under a Gaussian window 11×11 (deviation 1.5):
 *
 *   (2μₐμ_b + C₁)(2σₐ_b + C₂) / ((μₐ² + μ_b² + C₁)(σₐ² + σ_b² + C₂)),   C₁ = (.01 L)², C₂ = (.03 L)²
 *
 * Mean over cells at least 5 from the border, then over channels. Meant for maps in [0, 1] (view `unit`): the data range
 * L sets what counts as small. Defined for constant maps. The original code had L = 2 (preset `paper`).
 */
export const ssim = defineMetric({
  name: "ssim",
  version: "2",
  summary: "structural similarity under a Gaussian window",
  paper: "Wang et al. 2004, doi:10.1109/TIP.2003.819861",
  params: strictObject({ range: number({ exclusiveMinimum: 0, default: 1, description: "data range L of the maps" }) }),
  presets: { paper: { range: 2 } },
  range: [-1, 1],
  identical: 1,
  domain: "spatial",
  minimumSize: () => WINDOW,
  prepare(map): Prepared | Undefined {
    if (Math.min(map.height, map.width) < WINDOW) return notDefined(`a side of the map is shorter than the window of ${WINDOW}`);
    const centres = centresOf(map);
    return centres.every(Number.isFinite) ? { map, centres, moments: undefined } : broken;
  },
  compare(a, b, { range }) {
    const { height, width, channels, values } = a.map;
    a.moments ??= momentsOf(a);
    const [mapA, centresA, momentsA, mapB, centresB, scratch] = places(
      values.length * 4,
      width * channels * 8,
      a.moments.length * 8,
      values.length * 4,
      width * channels * 8,
      kernels().scratchBytes(height, channels),
    );
    putFloats(mapA, values);
    putDoubles(centresA, a.centres);
    putDoubles(momentsA, a.moments);
    putFloats(mapB, b.map.values);
    putDoubles(centresB, b.centres);
    const [C1, C2] = [(0.01 * range) ** 2, (0.03 * range) ** 2];
    const sum = kernels().similarity(mapA, centresA, momentsA, mapB, centresB, scratch, height, width, channels, C1, C2);
    return Math.min(1, Math.max(-1, sum / (windows(height) * windows(width) * channels)));
  },
});

/** Places of the window along a side. */
const windows = (side: number): number => side - WINDOW + 1;

function centresOf({ values, height, width, channels }: MapImage): Float64Array {
  const [map, row] = places(values.length * 4, width * channels * 8);
  putFloats(map, values);
  kernels().centres(map, row, height, width, channels);
  return takeDoubles(row, width * channels);
}

function momentsOf({ map: { values, height, width, channels }, centres }: Prepared): Float64Array {
  // Two means and two variances for every two cells of a row.
  const length = windows(height) * Math.ceil((windows(width) * channels) / 2) * 4;
  const [map, row, moments, scratch] = places(values.length * 4, centres.length * 8, length * 8, kernels().scratchBytes(height, channels));
  putFloats(map, values);
  putDoubles(row, centres);
  kernels().moments(map, row, moments, scratch, height, width, channels);
  return takeDoubles(moments, length);
}

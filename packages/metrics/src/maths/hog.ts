import { integer, strictObject, type MapImage } from "@assay/core/plugin";
import { kernels, places, putFloats, takeDoubles } from "../kernels/kernels.js";

const ORIENTATIONS = 9;
const BLOCK = 3;

export const hogParams = strictObject({
  cell: integer({
    minimum: 0,
    default: 0,
    description: "side of a HOG cell, in pixels; 0: min(16, ⌊shorter side / 7⌋), so 4 at 28×28 and 16 at 224×224",
  }),
});

/** Smallest side that holds one block of cells. */
export const hogMinimumSize = ({ cell }: { readonly cell: number }): number => BLOCK * Math.max(1, cell);

export const hogCell = ({ height, width }: MapImage, cell: number): number =>
  cell > 0 ? cell : Math.max(1, Math.min(16, Math.floor(Math.min(height, width) / 7)));

/**
 * Histogram of oriented gradients: central differences (0 on the border; with channels, the one of the largest
 * magnitude), 9 hard bins over 180°, cells of `cell`×`cell` pixels, blocks of 3×3 cells at stride 1, L2-Hys.
 * As scikit-image's `hog`. Empty for a map smaller than a block.
 */
export function hogVector(map: MapImage, cell: number): Float64Array {
  const { at, length } = placeHog(map, cell);
  return takeDoubles(at, length);
}

/** Where that histogram stands in the kernels' memory. */
export function placeHog({ values, height, width, channels }: MapImage, cell: number): { readonly at: number; readonly length: number } {
  const rows = Math.floor(height / cell);
  const columns = Math.floor(width / cell);
  const length = Math.max(0, rows - BLOCK + 1) * Math.max(0, columns - BLOCK + 1) * BLOCK * BLOCK * ORIENTATIONS;
  const [map, cells, blocks] = places(values.length * 4, rows * columns * ORIENTATIONS * 8, length * 8);
  putFloats(map, values);
  kernels().hog(map, cells, blocks, height, width, channels, cell);
  return { at: blocks, length };
}

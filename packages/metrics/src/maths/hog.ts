import { integer, strictObject, type MapImage } from "@assay/core/plugin";

const ORIENTATIONS = 9;
const BLOCK = 3;

/** Directions of the borders between bins, 20°, 40°, … 160°. */
const BORDERS = Array.from({ length: ORIENTATIONS - 1 }, (_, k) => {
  const angle = ((k + 1) * Math.PI) / ORIENTATIONS;
  return { sin: Math.sin(angle), cos: Math.cos(angle) };
});

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
  const cells = cellHistograms(map, cell);
  const rows = Math.floor(map.height / cell);
  const columns = Math.floor(map.width / cell);
  const perRow = BLOCK * ORIENTATIONS;
  const blocks = Math.max(0, rows - BLOCK + 1) * Math.max(0, columns - BLOCK + 1);
  const vector = new Float64Array(blocks * BLOCK * perRow);
  let at = 0;
  for (let y = 0; y + BLOCK <= rows; y++) {
    for (let x = 0; x + BLOCK <= columns; x++) {
      const start = at;
      for (let row = y; row < y + BLOCK; row++) {
        const from = (row * columns + x) * ORIENTATIONS;
        for (let i = 0; i < perRow; i++) vector[at++] = cells[from + i]!;
      }
      normalise(vector, start, at, 0.2);
      normalise(vector, start, at, 1);
    }
  }
  return vector;
}

function normalise(vector: Float64Array, start: number, end: number, most: number): void {
  let squares = 1e-10;
  for (let i = start; i < end; i++) squares += vector[i]! * vector[i]!;
  const norm = Math.sqrt(squares);
  for (let i = start; i < end; i++) vector[i] = Math.min(vector[i]! / norm, most);
}

function cellHistograms({ values, height, width, channels }: MapImage, cell: number): Float64Array {
  const rows = Math.floor(height / cell);
  const columns = Math.floor(width / cell);
  const histograms = new Float64Array(rows * columns * ORIENTATIONS);
  const line = width * channels;
  for (let y = 0; y < rows * cell; y++) {
    for (let x = 0; x < columns * cell; x++) {
      let largest = 0;
      let down = 0;
      let right = 0;
      for (let c = 0, at = y * line + x * channels; c < channels; c++, at++) {
        const d = y > 0 && y < height - 1 ? values[at + line]! - values[at - line]! : 0;
        const r = x > 0 && x < width - 1 ? values[at + channels]! - values[at - channels]! : 0;
        const squared = d * d + r * r;
        if (squared <= largest) continue;
        largest = squared;
        down = d;
        right = r;
      }
      if (largest === 0) continue;
      const from = (Math.floor(y / cell) * columns + Math.floor(x / cell)) * ORIENTATIONS;
      histograms[from + orientation(down, right)]! += Math.sqrt(largest) / (cell * cell);
    }
  }
  return histograms;
}

/** The bin of atan2(down, right) mod 180°, by the side of each border on which the direction lies; exactly equal for a gradient and its opposite. */
function orientation(down: number, right: number): number {
  if (down === 0) return 0;
  const [y, x] = down > 0 ? [down, right] : [-down, -right];
  let low = 0;
  let high = ORIENTATIONS - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const { sin, cos } = BORDERS[middle]!;
    if (y * cos >= x * sin) low = middle + 1;
    else high = middle;
  }
  return low;
}

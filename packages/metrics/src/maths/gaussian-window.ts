const RADIUS = 5;
const SIGMA = 1.5;

/** Side of the window: 11 = 2·⌊3.5 σ + .5⌋ + 1. */
export const WINDOW = 2 * RADIUS + 1;

const WEIGHTS = (() => {
  const raw = Array.from({ length: WINDOW }, (_, i) => Math.exp(-((i - RADIUS) ** 2) / (2 * SIGMA * SIGMA)));
  const sum = raw.reduce((total, one) => total + one, 0);
  return Float64Array.from(raw, (one) => one / sum);
})();

/** Gaussian mean over the 11×11 neighbourhood of each cell whose neighbourhood is whole: `[height − 10, width − 10]`. */
export function gaussianMeans(plane: Float64Array, height: number, width: number): Float64Array {
  const columns = width - WINDOW + 1;
  const rows = height - WINDOW + 1;
  const across = new Float64Array(height * columns);
  for (let y = 0; y < height; y++) {
    for (let k = 0; k < WINDOW; k++) {
      const weight = WEIGHTS[k]!;
      for (let to = y * columns, from = y * width + k; to < (y + 1) * columns; to++, from++) across[to]! += weight * plane[from]!;
    }
  }
  const means = new Float64Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    for (let k = 0; k < WINDOW; k++) {
      const weight = WEIGHTS[k]!;
      for (let to = y * columns, from = (y + k) * columns; to < (y + 1) * columns; to++, from++) means[to]! += weight * across[from]!;
    }
  }
  return means;
}

interface Thresholds {
  readonly sigma: number;
  readonly low: number;
  readonly high: number;
}

/** A plane read beyond its border by replication. */
const reader = (plane: Float64Array | Float32Array, height: number, width: number) => (row: number, column: number) =>
  plane[Math.min(height - 1, Math.max(0, row)) * width + Math.min(width - 1, Math.max(0, column))]!;

function smooth(plane: Float32Array, height: number, width: number, sigma: number): Float64Array {
  const radius = Math.ceil(3 * sigma);
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)));
  const total = weights.reduce((a, b) => a + b, 0);
  const pass = (read: (row: number, column: number) => number, dr: number, dc: number) =>
    Float64Array.from({ length: height * width }, (_, i) => {
      const [row, column] = [Math.floor(i / width), i % width];
      return weights.reduce((sum, w, k) => sum + w * read(row + dr * (k - radius), column + dc * (k - radius)), 0) / total;
    });
  return pass(reader(pass(reader(plane, height, width), 1, 0), height, width), 0, 1);
}

/**
 * Canny's edges of one `[height, width]` plane: Gaussian smoothing, Sobel gradient, thinning along the gradient to the ridge,
 * then every weak edge cell that is connected to a strong one. Values 0 and 1.
 */
export function canny(plane: Float32Array, height: number, width: number, { sigma, low, high }: Thresholds): Float32Array {
  const at = reader(smooth(plane, height, width, sigma), height, width);
  const cells = height * width;
  const magnitude = new Float64Array(cells);
  const step = new Int8Array(2 * cells);
  for (let i = 0; i < cells; i++) {
    const [r, c] = [Math.floor(i / width), i % width];
    const gr = at(r + 1, c - 1) + 2 * at(r + 1, c) + at(r + 1, c + 1) - at(r - 1, c - 1) - 2 * at(r - 1, c) - at(r - 1, c + 1);
    const gc = at(r - 1, c + 1) + 2 * at(r, c + 1) + at(r + 1, c + 1) - at(r - 1, c - 1) - 2 * at(r, c - 1) - at(r + 1, c - 1);
    magnitude[i] = Math.hypot(gr, gc);
    // the gradient's direction, rounded to one of eight neighbours
    const octant = Math.round(Math.atan2(gr, gc) / (Math.PI / 4));
    step[2 * i] = Math.round(Math.sin((octant * Math.PI) / 4));
    step[2 * i + 1] = Math.round(Math.cos((octant * Math.PI) / 4));
  }
  const m = (r: number, c: number) => (r < 0 || c < 0 || r >= height || c >= width ? 0 : magnitude[r * width + c]!);
  const largest = magnitude.reduce((a, b) => Math.max(a, b), 0);
  const ridge = (i: number, share: number) => {
    const [r, c, dr, dc] = [Math.floor(i / width), i % width, step[2 * i]!, step[2 * i + 1]!];
    const value = magnitude[i]!;
    return value > 0 && value >= share * largest && value >= m(r + dr, c + dc) && value > m(r - dr, c - dc);
  };
  const edges = new Float32Array(cells);
  const stack = Array.from({ length: cells }, (_, i) => i).filter((i) => ridge(i, high));
  for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
    if (edges[i]) continue;
    edges[i] = 1;
    const [r, c] = [Math.floor(i / width), i % width];
    for (let dr = -1; dr <= 1; dr++) {
      for (let dc = -1; dc <= 1; dc++) {
        const [nr, nc] = [r + dr, c + dc];
        if (nr >= 0 && nc >= 0 && nr < height && nc < width && ridge(nr * width + nc, low)) stack.push(nr * width + nc);
      }
    }
  }
  return edges;
}

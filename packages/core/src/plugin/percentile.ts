const BINS = 1024;

/**
 * The q-quantile of `values` by linear interpolation between order statistics at position q (n − 1), as numpy's percentile.
 * Only the values of one bin of a histogram are put in order.
 */
export function percentile(values: Float64Array, q: number): number {
  const position = q * (values.length - 1);
  const k = Math.floor(position);
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < values.length; i++) {
    min = Math.min(min, values[i]!);
    max = Math.max(max, values[i]!);
  }
  if (min === max) return min;
  const scale = BINS / (max - min);
  const binOf = (value: number): number => Math.min(BINS - 1, ((value - min) * scale) | 0);
  const counts = new Uint32Array(BINS);
  for (let i = 0; i < values.length; i++) counts[binOf(values[i]!)]!++;
  let bin = 0;
  let below = 0;
  while (below + counts[bin]! <= k) below += counts[bin++]!;
  const within = new Float64Array(counts[bin]!);
  let high = Infinity;
  for (let i = 0, to = 0; i < values.length; i++) {
    const value = values[i]!;
    const its = binOf(value);
    if (its === bin) within[to++] = value;
    else if (its > bin && value < high) high = value;
  }
  const low = select(within, k - below);
  for (let i = k - below + 1; i < within.length; i++) if (within[i]! < high) high = within[i]!;
  if (k + 1 >= values.length) return low;
  const share = position - k;
  return share < 0.5 ? low + (high - low) * share : high - (high - low) * (1 - share);
}

/** Hoare's selection: the k-th smallest goes to place k, nothing larger stands before it and nothing smaller behind. */
function select(values: Float64Array, k: number): number {
  let left = 0;
  let right = values.length - 1;
  while (left < right) {
    const pivot = values[(left + right) >>> 1]!;
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const kept = values[i]!;
      values[i++] = values[j]!;
      values[j--] = kept;
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else break;
  }
  return values[k]!;
}

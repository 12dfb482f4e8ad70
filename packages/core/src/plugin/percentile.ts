/**
 * The q-quantile of `values` by linear interpolation between order statistics at position q (n − 1), as numpy's
 * percentile. Reorders `values`.
 */
export function percentile(values: Float64Array, q: number): number {
  const position = q * (values.length - 1);
  const k = Math.floor(position);
  const low = select(values, k);
  if (k + 1 >= values.length) return low;
  let high = Infinity;
  for (let i = k + 1; i < values.length; i++) if (values[i]! < high) high = values[i]!;
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

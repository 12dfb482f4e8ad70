/**
 * Shannon entropy, in nats, of the histogram of the values: `bins` equal bins on their own [min, max], the last one closed, as numpy's.
 * `undefined` where all values are equal.
 */
export function histogramEntropy(values: Float32Array, bins: number): number | undefined {
  let [min, max] = [Infinity, -Infinity];
  for (const v of values) {
    if (v < min) min = v;
    if (v > max) max = v;
  }
  if (!(max > min)) return undefined;
  const counts = new Float64Array(bins);
  for (const v of values) counts[Math.min(bins - 1, Math.floor(((v - min) / (max - min)) * bins))]! += 1;
  let entropy = 0;
  for (const count of counts) if (count > 0) entropy -= (count / values.length) * Math.log(count / values.length);
  return entropy;
}

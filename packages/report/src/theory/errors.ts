/** max |a − b| / max |b| over all cells: 0 where they agree to the last bit. */
export function largestError(a: Float32Array | Float64Array, b: Float32Array | Float64Array): number {
  if (a.length !== b.length) throw new RangeError(`${a.length} values against ${b.length}`);
  let [difference, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference = Math.max(difference, Math.abs(a[i]! - b[i]!));
    size = Math.max(size, Math.abs(b[i]!));
  }
  return size === 0 ? difference : difference / size;
}

/** Pearson's correlation; NaN where one side is constant. */
export function correlation(a: Float32Array | Float64Array, b: Float32Array | Float64Array): number {
  const [meanA, meanB] = [a, b].map((values) => (values as Float64Array).reduce((sum, v) => sum + v, 0) / values.length) as [
    number,
    number,
  ];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [a[i]! - meanA, b[i]! - meanB];
    ab += p * q;
    aa += p * p;
    bb += q * q;
  }
  return ab / Math.sqrt(aa * bb);
}

/** Σ over the cells of each image. */
export const sums = (values: Float32Array | Float64Array, images: number): Float64Array => {
  const size = values.length / images;
  return Float64Array.from({ length: images }, (_, i) =>
    (values as Float64Array).subarray(i * size, (i + 1) * size).reduce((s, v) => s + v, 0),
  );
};

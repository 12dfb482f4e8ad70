/**
 * Krippendorff's α of raters (rows) over units (columns), interval level: 1 − D_o/D_e, where D_o is the mean squared difference of two
 * values of one unit and D_e that of any two values (Krippendorff 2011). 1: raters agree; 0: as by chance; negative: they contradict.
 * Null is a missing value; units with one value are left out. Null where there is nothing to pair, or nothing varies.
 */
export function krippendorff(raters: readonly (readonly (number | null)[])[]): number | null {
  const columns = Array.from({ length: raters[0]?.length ?? 0 }, (_, u) => raters.flatMap((rater) => rater[u] ?? []));
  const units = columns.filter((values) => values.length > 1);
  const all = units.flat();
  const expected = squaredDifferences(all) / (all.length - 1);
  if (!(expected > 0)) return null;
  return 1 - units.reduce((sum, values) => sum + squaredDifferences(values) / (values.length - 1), 0) / expected;
}

/** Σ (a − b)² over all ordered pairs. */
function squaredDifferences(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return 2 * values.length * values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}

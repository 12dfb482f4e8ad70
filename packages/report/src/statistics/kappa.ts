/**
 * Chance-corrected similarity, as Cohen's kappa corrects agreement:
 *
 *   κ = (s − f)/(1 − f)
 *
 * 1 where nothing changed, 0 where maps are no more alike than chance; negative below chance. Undefined (null) where chance
 * alone already gives 1.
 */
export function kappa(s: number | null, f: number | null): number | null {
  if (s === null || f === null || f >= 1) return null;
  return (s - f) / (1 - f);
}

/**
 * What Spearman's coefficient of two absolute maps tends to when a share z of the cells is zero in both and the rest is
 * independent: 3z/(1 + z + z²). It is .984 at z = .8, so a black background alone can look like agreement.
 */
export const tieNull = (z: number): number => (3 * z) / (1 + z + z * z);

/** The larger of several nulls and its name; null where none is defined. */
export function floorOf(nulls: Readonly<Record<string, number | null>>): { readonly value: number; readonly from: string } | null {
  let floor: { value: number; from: string } | null = null;
  for (const [from, value] of Object.entries(nulls)) {
    if (value !== null && (floor === null || value > floor.value)) floor = { value, from };
  }
  return floor;
}

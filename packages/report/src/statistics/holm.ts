/**
 * Holm's adjusted p-values, in the order given: with p₁ ≤ … ≤ p_n the k-th becomes max over j ≤ k of (n − j + 1) p_j, at most 1. To believe
 * those at or below α is wrong about any of them with a probability of at most α, however they depend on each other (Holm 1979).
 */
export function holm(p: readonly number[]): number[] {
  const adjusted = new Array<number>(p.length).fill(1);
  let largest = 0;
  const ascending = [...p.entries()].sort(([, a], [, b]) => a - b);
  for (const [rank, [at, value]] of ascending.entries()) {
    largest = Math.max(largest, Math.min(1, (p.length - rank) * value));
    adjusted[at] = largest;
  }
  return adjusted;
}

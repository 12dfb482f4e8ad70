/**
 * Moves label positions apart until neighbours are at least `gap` apart, as little as a single pass over the sorted positions can,
 * and back inside `low … high` where they fit. The order is kept.
 */
export function spreadLabels(positions: readonly number[], gap: number, low: number, high: number): number[] {
  const order = positions.map((_, index) => index).sort((a, b) => (positions[a] ?? 0) - (positions[b] ?? 0));
  const placed = [...positions];
  // Clusters of touching labels are centred on the mean of what they label, as pools of an isotonic regression.
  const pools: { members: number[]; centre: number }[] = [];
  for (const index of order) {
    let pool = { members: [index], centre: positions[index] ?? 0 };
    for (
      let before = pools.at(-1);
      before && before.centre + (gap * before.members.length) / 2 > pool.centre - (gap * pool.members.length) / 2;
      before = pools.at(-1)
    ) {
      pools.pop();
      const size = before.members.length + pool.members.length;
      const centre = (before.centre * before.members.length + pool.centre * pool.members.length) / size;
      const half = (gap * size) / 2;
      pool = {
        members: [...before.members, ...pool.members],
        centre: Math.min(Math.max(centre, low + half), Math.max(high - half, low + half)),
      };
    }
    const half = (gap * pool.members.length) / 2;
    pools.push({ ...pool, centre: Math.min(Math.max(pool.centre, low + half), Math.max(high - half, low + half)) });
  }
  for (const { members, centre } of pools) {
    members.forEach((index, k) => (placed[index] = centre + gap * (k - (members.length - 1) / 2)));
  }
  return placed;
}

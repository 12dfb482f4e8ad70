const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;

/**
 * Cells from the smallest value to the largest, equal values in order of their index: a radix sort of three passes on
 * the bits of the floats, which read as integers once negative ones are turned round. −0 counts as 0; no NaN.
 */
export function ascendingOrder(values: Float32Array): Uint32Array {
  const n = values.length;
  const floats = new Float32Array(n);
  for (let i = 0; i < n; i++) floats[i] = values[i]! + 0;
  const keys = new Uint32Array(floats.buffer);
  for (let i = 0; i < n; i++) keys[i] = keys[i]! >>> 31 ? ~keys[i]! : keys[i]! | 0x80000000;
  let order = new Uint32Array(n);
  let next = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  const starts = new Uint32Array(DIGITS);
  for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
    starts.fill(0);
    for (let i = 0; i < n; i++) starts[(keys[i]! >>> shift) & (DIGITS - 1)]!++;
    for (let digit = 0, start = 0; digit < DIGITS; digit++) {
      const count = starts[digit]!;
      starts[digit] = start;
      start += count;
    }
    for (let i = 0; i < n; i++) {
      const cell = order[i]!;
      next[starts[(keys[cell]! >>> shift) & (DIGITS - 1)]!++] = cell;
    }
    [order, next] = [next, order];
  }
  return order;
}

/** Zero-based ranks, the mean rank where values tie. */
export function tieAveragedRanks(values: Float32Array): Float64Array {
  const order = ascendingOrder(values);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length;) {
    const value = values[order[start]!]!;
    let end = start + 1;
    while (end < order.length && values[order[end]!] === value) end++;
    for (let i = start; i < end; i++) ranks[order[i]!] = (start + end - 1) / 2;
    start = end;
  }
  return ranks;
}

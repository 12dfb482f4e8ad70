// Ranks by a radix sort, the inner loops of src/maths/ranks.ts: passes over digits of eleven bits.

const BITS = 11;
const DIGITS = 1 << BITS;

/** Bits of a float that order as integers do: negative ones turned round, −0 as 0. */
function key(value: f32): u32 {
  const bits = reinterpret<i32>(value + 0);
  return bits ^ ((bits >> 31) | 0x80000000);
}

/**
 * Sorts pairs of key (upper half) and cell (lower half) by one digit of the key, equal ones in their order.
 * False, and nothing done, where all have the same digit.
 */
function pass(from: usize, to: usize, count: i32, starts: usize, shift: i64): bool {
  const mask = <i64>(DIGITS - 1);
  const end = from + ((<usize>count) << 3);
  memory.fill(starts, 0, DIGITS << 2);
  for (let at = from; at < end; at += 8) {
    const bin = starts + ((<usize>((load<i64>(at) >> shift) & mask)) << 2);
    store<i32>(bin, load<i32>(bin) + 1);
  }
  if (load<i32>(starts + ((<usize>((load<i64>(from) >> shift) & mask)) << 2)) == count) return false;
  let start = 0;
  const last = starts + (DIGITS << 2);
  for (let bin = starts; bin < last; bin += 4) {
    const here = load<i32>(bin);
    store<i32>(bin, start);
    start += here;
  }
  for (let at = from; at < end; at += 8) {
    const pair = load<i64>(at);
    const bin = starts + ((<usize>((pair >> shift) & mask)) << 2);
    const place = load<i32>(bin);
    store<i32>(bin, place + 1);
    store<i64>(to + ((<usize>place) << 3), pair);
  }
  return true;
}

/** Moves each pair down to its place among those before it. False where that takes more moves than there are pairs. */
function settled(pairs: usize, count: i32): bool {
  const end = pairs + ((<usize>count) << 3);
  let moves = 0;
  for (let at = pairs + 8; at < end; at += 8) {
    const pair = load<u64>(at);
    if (load<u64>(at - 8) <= pair) continue;
    let to = at;
    do {
      if (++moves > count) return false;
      store<u64>(to, load<u64>(to - 8));
      to -= 8;
    } while (to > pairs && load<u64>(to - 8) > pair);
    store<u64>(to, pair);
  }
  return true;
}

/** Sorts by the bits of the keys from `lowest` up; returns in which of the two buffers the pairs stand. */
function byDigits(values: usize, count: i32, first: usize, second: usize, starts: usize, lowest: i32): usize {
  for (let i = 0; i < count; i++) {
    store<i64>(first + ((<usize>i) << 3), ((<i64>key(load<f32>(values + ((<usize>i) << 2)))) << 32) | i);
  }
  for (let shift = lowest; shift < 64; shift += BITS) {
    if (!pass(first, second, count, starts, shift)) continue;
    const kept = first;
    first = second;
    second = kept;
  }
  return first;
}

/** Up to so many values the upper 22 bits of their keys, 8192 steps from one power of two to the next, leave few pairs out of order. */
const FEW = 4096;

/** Pairs of key and cell of the values, sorted; returns in which of the two buffers they stand. `starts` has room for 2048 integers. */
export function sorted(values: usize, count: i32, first: usize, second: usize, starts: usize): usize {
  if (count <= FEW) {
    const nearly = byDigits(values, count, first, second, starts, 64 - 2 * BITS);
    if (settled(nearly, count)) return nearly;
  }
  return byDigits(values, count, first, second, starts, 32);
}

/** Writes zero-based ranks, the mean where values tie, less `middle`. */
export function ranks(values: usize, count: i32, to: usize, first: usize, second: usize, starts: usize, middle: f64): void {
  const pairs = sorted(values, count, first, second, starts);
  let start = 0;
  while (start < count) {
    const value = load<u32>(pairs + ((<usize>start) << 3), 4);
    let end = start + 1;
    while (end < count && load<u32>(pairs + ((<usize>end) << 3), 4) == value) end++;
    const rank = <f64>(start + end - 1) / 2 - middle;
    for (let i = start; i < end; i++) store<f64>(to + ((<usize>load<u32>(pairs + ((<usize>i) << 3))) << 3), rank);
    start = end;
  }
}

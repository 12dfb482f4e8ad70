import type { MapImage } from "./metric.js";

/** Bits of a NaN: no number has them. */
const NOTHING = 0x7fc00001;

/**
 * Share of values that occur more than once in the map, 0 … 1: what absolute Spearman must be read with. Counted in a hash
 * table of the floats' bits. −0 is 0, and a NaN equals nothing.
 */
export function tiedShare({ values }: MapImage): number {
  const n = values.length;
  if (n === 0) return 0;
  const bits = new Int32Array(values.buffer, values.byteOffset, n);
  const shift = Math.clz32(n) - 1;
  const slots = 2 ** (32 - shift);
  const held = new Int32Array(slots);
  const again = new Uint8Array(slots);
  let tied = 0;
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(values[i])) continue;
    const key = (bits[i] === -0x80000000 ? 0 : bits[i]!) ^ NOTHING;
    let slot = Math.imul(key, 0x9e3779b1) >>> shift;
    while (held[slot] !== 0 && held[slot] !== key) slot = (slot + 1) & (slots - 1);
    if (held[slot] === 0) {
      held[slot] = key;
    } else {
      tied += 2 - again[slot]!;
      again[slot] = 1;
    }
  }
  return tied / n;
}

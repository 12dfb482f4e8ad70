import { kernels, places, putDoubles, takeDoubles } from "../kernels/kernels.js";

/** v/‖v‖, or `undefined` for the zero vector. Sums in float64; squares of any float32 neither overflow nor vanish there. */
export function unitVector(values: Float32Array): Float64Array | undefined {
  const [at] = places(values.length * 8);
  putDoubles(at, values);
  return unitAt(at, values.length);
}

/** The same of `count` doubles that stand in the kernels' memory. */
export const unitAt = (at: number, count: number): Float64Array | undefined =>
  kernels().unit(at, count) ? takeDoubles(at, count) : undefined;

/** (v − mean)/‖v − mean‖, or `undefined` where all values are equal. */
export function centredUnitVector(values: Float32Array): Float64Array | undefined {
  const [at] = places(values.length * 8);
  putDoubles(at, values);
  return centredUnitAt(at, values.length);
}

/** The same of `count` doubles that stand in the kernels' memory. */
export const centredUnitAt = (at: number, count: number): Float64Array | undefined =>
  kernels().centredUnit(at, count) ? takeDoubles(at, count) : undefined;

/** Inner product of two unit vectors: their cosine, held to [−1, 1] against the last rounding. */
export function cosineOf(a: Float64Array, b: Float64Array): number {
  // An addition waits for the one before it, so two sums take half the time.
  let even = 0;
  let odd = 0;
  let i = 0;
  for (; i + 1 < a.length; i += 2) {
    even += a[i]! * b[i]!;
    odd += a[i + 1]! * b[i + 1]!;
  }
  if (i < a.length) even += a[i]! * b[i]!;
  return Math.min(1, Math.max(-1, even + odd));
}

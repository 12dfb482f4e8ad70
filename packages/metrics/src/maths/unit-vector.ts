/** v/‖v‖, or `undefined` for the zero vector. Sums in float64; squares of any float32 neither overflow nor vanish there. */
export function unitVector(values: Float32Array | Float64Array): Float64Array | undefined {
  let squares = 0;
  for (const v of values) squares += v * v;
  return squares === 0 ? undefined : scaled(values, 0, Math.sqrt(squares));
}

/** (v − mean)/‖v − mean‖, or `undefined` where all values are equal. */
export function centredUnitVector(values: Float32Array | Float64Array): Float64Array | undefined {
  const first = values[0];
  if (values.every((v) => v === first)) return undefined;
  let sum = 0;
  for (const v of values) sum += v;
  const mean = sum / values.length;
  let squares = 0;
  for (const v of values) squares += (v - mean) * (v - mean);
  return scaled(values, mean, Math.sqrt(squares));
}

/** Inner product of two unit vectors: their cosine, held to [−1, 1] against the last rounding. */
export function cosineOf(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return Math.min(1, Math.max(-1, sum));
}

function scaled(values: Float32Array | Float64Array, shift: number, norm: number): Float64Array {
  const unit = new Float64Array(values.length);
  for (let i = 0; i < unit.length; i++) unit[i] = (values[i]! - shift) / norm;
  return unit;
}

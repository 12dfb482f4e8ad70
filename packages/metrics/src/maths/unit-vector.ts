/** v/‖v‖, or `undefined` for the zero vector. Sums in float64; squares of any float32 neither overflow nor vanish there. */
export function unitVector(values: Float32Array | Float64Array): Float64Array | undefined {
  let squares = 0;
  for (const v of values) squares += v * v;
  return squares === 0 ? undefined : scaled(values, 0, Math.sqrt(squares));
}

/** (v − mean)/‖v − mean‖, or `undefined` where all values are equal. */
export function centredUnitVector(values: Float32Array | Float64Array): Float64Array | undefined {
  const first = values[0];
  let sum = 0;
  let constant = true;
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    sum += v;
    if (v !== first) constant = false;
  }
  if (constant) return undefined;
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
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

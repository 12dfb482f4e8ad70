// Unit vectors, the inner loops of src/maths/unit-vector.ts.

/** Where the whole pairs of `count` values end; an odd value stands behind. */
function pairsEnd(values: usize, count: i32): usize {
  return values + ((<usize>(count >> 1)) << 4);
}

function total(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

function mean(values: usize, count: i32): f64 {
  const end = pairsEnd(values, count);
  let sums = f64x2.splat(0);
  for (let at = values; at < end; at += 16) sums = f64x2.add(sums, v128.load(at));
  return (total(sums) + (count & 1 ? load<f64>(end) : 0)) / <f64>count;
}

/** Divides the values by their norm, in place. False where the norm is 0. */
export function unit(values: usize, count: i32): bool {
  const end = pairsEnd(values, count);
  let squares = f64x2.splat(0);
  for (let at = values; at < end; at += 16) {
    const v = v128.load(at);
    squares = f64x2.add(squares, f64x2.mul(v, v));
  }
  const last = count & 1 ? load<f64>(end) : 0;
  const norm = sqrt(total(squares) + last * last);
  if (norm == 0) return false;
  for (let at = values; at < end; at += 16) v128.store(at, f64x2.div(v128.load(at), f64x2.splat(norm)));
  if (count & 1) store<f64>(end, last / norm);
  return true;
}

/** Takes the mean from the values and divides by the norm of what is left, in place. False where all values are equal. */
export function centredUnit(values: usize, count: i32): bool {
  let different = 1;
  while (different < count && load<f64>(values + ((<usize>different) << 3)) == load<f64>(values)) different++;
  if (different >= count) return false;
  const middle = mean(values, count);
  const end = pairsEnd(values, count);
  for (let at = values; at < end; at += 16) v128.store(at, f64x2.sub(v128.load(at), f64x2.splat(middle)));
  if (count & 1) store<f64>(end, load<f64>(end) - middle);
  return unit(values, count);
}

// Histogram of oriented gradients, the inner loops of src/maths/hog.ts.

const ORIENTATIONS = 9;
const BLOCK = 3;
const BLOCK_BYTES = BLOCK * BLOCK * ORIENTATIONS * 8;

/** cot 20°, cot 40°, … cot 160°: a direction (y ≥ 0, x) lies beyond the border between two bins where y cot ≥ x. */
const COT_20 = 2.7474774194546225;
const COT_40 = 1.19175359259421;
const COT_60 = 0.577350269189626;
const COT_80 = 0.17632698070846506;

/** Bin of atan2(down, right) mod 180°: the number of borders that the direction has passed. */
function orientation(down: f64, right: f64): i32 {
  const y = abs(down);
  const x = down < 0 ? -right : down > 0 ? right : abs(right);
  return (
    i32(y * COT_20 >= x) +
    i32(y * COT_40 >= x) +
    i32(y * COT_60 >= x) +
    i32(y * COT_80 >= x) +
    i32(y * -COT_80 >= x) +
    i32(y * -COT_60 >= x) +
    i32(y * -COT_40 >= x) +
    i32(y * -COT_20 >= x)
  );
}

/** Adds the gradient's magnitude at each pixel of whole cells to its bin; `cells` starts as zeros. */
function histograms(map: usize, cells: usize, height: i32, width: i32, channels: i32, cell: i32): void {
  const columns = width / cell;
  const step = <usize>channels * 4;
  const line = <usize>width * step;
  const area = <f64>(cell * cell);
  const bottom = (height / cell) * cell;
  for (let y = 0; y < bottom; y++) {
    const below = y > 0 && y < height - 1 ? line : 0;
    let histogram = cells + <usize>((y / cell) * columns * ORIENTATIONS) * 8;
    let at = map + <usize>y * line;
    let x = 0;
    for (let column = 0; column < columns; column++, histogram += ORIENTATIONS * 8) {
      for (const end = x + cell; x < end; x++) {
        const beside = x > 0 && x < width - 1 ? step : 0;
        let largest = 0.0;
        let down = 0.0;
        let right = 0.0;
        for (const next = at + step; at < next; at += 4) {
          const d = <f64>load<f32>(at + below) - <f64>load<f32>(at - below);
          const r = <f64>load<f32>(at + beside) - <f64>load<f32>(at - beside);
          const squared = d * d + r * r;
          const larger = squared > largest;
          largest = larger ? squared : largest;
          down = larger ? d : down;
          right = larger ? r : right;
        }
        const bin = histogram + ((<usize>orientation(down, right)) << 3);
        store<f64>(bin, load<f64>(bin) + sqrt(largest) / area);
      }
    }
  }
}

/** v/√(‖v‖² + 1e-10), at most `most`, in place. */
function normalise(block: usize, most: f64): void {
  const end = block + BLOCK_BYTES - 8;
  let squares = f64x2.splat(0);
  let more = f64x2.splat(0);
  for (let at = block; at < end; at += 32) {
    const v = v128.load(at);
    const w = v128.load(at, 16);
    squares = f64x2.add(squares, f64x2.mul(v, v));
    more = f64x2.add(more, f64x2.mul(w, w));
  }
  squares = f64x2.add(squares, more);
  const last = load<f64>(end);
  const norm = sqrt(f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1) + last * last + 1e-10);
  for (let at = block; at < end; at += 16) {
    v128.store(at, f64x2.min(f64x2.div(v128.load(at), f64x2.splat(norm)), f64x2.splat(most)));
  }
  store<f64>(end, min(last / norm, most));
}

/** Blocks of 3×3 cells at stride 1, L2-Hys. */
export function hog(map: usize, cells: usize, blocks: usize, height: i32, width: i32, channels: i32, cell: i32): void {
  const rows = height / cell;
  const columns = width / cell;
  const run = BLOCK * ORIENTATIONS * 8;
  memory.fill(cells, 0, <usize>(rows * columns * ORIENTATIONS) * 8);
  histograms(map, cells, height, width, channels, cell);
  for (let y = 0; y + BLOCK <= rows; y++) {
    for (let x = 0; x + BLOCK <= columns; x++, blocks += BLOCK_BYTES) {
      for (let row = 0; row < BLOCK; row++) {
        memory.copy(blocks + row * run, cells + <usize>(((y + row) * columns + x) * ORIENTATIONS) * 8, run);
      }
      normalise(blocks, 0.2);
      normalise(blocks, 1);
    }
  }
}

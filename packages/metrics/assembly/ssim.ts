// Structural similarity, the inner loops of src/ssim.ts. Values stand as in a map, channels innermost, so a neighbour in a row is `channels` away.
//
// Strip by strip of STRIP output columns: each row is blurred across, and as soon as eleven of them are there, blurred down. A blurred row
// has three parts (b, b², ab); eleven such rows fit into the first cache, and stand at constant distances.

const RADIUS = 5;
const STRIP = 64;
const PART = STRIP * 8;
const ROW = 3 * PART;
/** Sample covariance: n/(n − 1) for the 121 cells of a window. */
const SAMPLE = 121.0 / 120.0;

/** The window's weights from the border to the middle, each twice. */
const WEIGHTS = memory.data<f64>([
  0.00102838008447911, 0.00102838008447911, 0.007598758135239185, 0.007598758135239185, 0.03600077212843083, 0.03600077212843083,
  0.10936068950970002, 0.10936068950970002, 0.2130055377112537, 0.2130055377112537, 0.26601172486179436, 0.26601172486179436,
]);

/** Weighs eleven neighbours, adding the two that stand alike on both sides first. */
function weigh(a: v128, b: v128, c: v128, d: v128, e: v128, f: v128, g: v128, h: v128, i: v128, j: v128, k: v128): v128 {
  const outer = f64x2.add(f64x2.mul(v128.load(WEIGHTS), f64x2.add(a, k)), f64x2.mul(v128.load(WEIGHTS, 16), f64x2.add(b, j)));
  const middle = f64x2.add(f64x2.mul(v128.load(WEIGHTS, 32), f64x2.add(c, i)), f64x2.mul(v128.load(WEIGHTS, 48), f64x2.add(d, h)));
  const inner = f64x2.add(f64x2.mul(v128.load(WEIGHTS, 64), f64x2.add(e, g)), f64x2.mul(v128.load(WEIGHTS, 80), f));
  return f64x2.add(f64x2.add(outer, middle), inner);
}

/** Gaussian means over a row of `count` cells, neighbours `step` bytes apart. */
function across(from: usize, to: usize, count: i32, step: usize): void {
  const end = to + ((<usize>count) << 3);
  for (; to < end; to += 16, from += 16) {
    const b = from + step;
    const c = b + step;
    const d = c + step;
    const e = d + step;
    const f = e + step;
    const g = f + step;
    const h = g + step;
    const i = h + step;
    const j = i + step;
    v128.store(
      to,
      weigh(
        v128.load(from),
        v128.load(b),
        v128.load(c),
        v128.load(d),
        v128.load(e),
        v128.load(f),
        v128.load(g),
        v128.load(h),
        v128.load(i),
        v128.load(j),
        v128.load(j + step),
      ),
    );
  }
}

/** Gaussian mean of two cells over the eleven rows that end at `last`. */
function down(last: usize): v128 {
  const at = last - 10 * ROW;
  return weigh(
    v128.load(at),
    v128.load(at, ROW),
    v128.load(at, 2 * ROW),
    v128.load(at, 3 * ROW),
    v128.load(at, 4 * ROW),
    v128.load(at, 5 * ROW),
    v128.load(at, 6 * ROW),
    v128.load(at, 7 * ROW),
    v128.load(at, 8 * ROW),
    v128.load(at, 9 * ROW),
    v128.load(at, 10 * ROW),
  );
}

/** Means of the channels, repeated over a row. Not finite where a value of the channel is not. */
export function centres(map: usize, to: usize, height: i32, width: i32, channels: i32): void {
  const line = width * channels;
  memory.fill(to, 0, (<usize>line) << 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < line; x += 2) {
      const at = to + ((<usize>x) << 3);
      v128.store(at, f64x2.add(v128.load(at), f64x2.promote_low_f32x4(v128.load64_zero(map + ((<usize>(y * line + x)) << 2)))));
    }
  }
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0.0;
    for (let x = channel; x < line; x += channels) sum += load<f64>(to + ((<usize>x) << 3));
    for (let x = channel; x < line; x += channels) store<f64>(to + ((<usize>x) << 3), sum / <f64>(height * width));
  }
}

/** Two values less the centres of their channels. */
function centred(values: usize, centres: usize): v128 {
  return f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(values)), v128.load(centres));
}

/** Sample variance or covariance from the mean of the product and the means. */
function sample(product: v128, a: v128, b: v128): v128 {
  return f64x2.mul(f64x2.splat(SAMPLE), f64x2.sub(product, f64x2.mul(a, b)));
}

/** Bytes of a row of a strip with the neighbours that it needs. */
function partBytes(channels: i32): usize {
  return (<usize>((STRIP + 2 * RADIUS * channels + 1) & ~1)) << 3;
}

/** Bytes that the two functions below want as `scratch`. */
export function scratchBytes(height: i32, channels: i32): usize {
  return 3 * partBytes(channels) + <usize>height * ROW;
}

/** Local means and variances of a map in the order in which `similarity` takes them: two means, two variances, … */
export function moments(map: usize, centres: usize, to: usize, scratch: usize, height: i32, width: i32, channels: i32): void {
  const line = width * channels;
  const columns = line - 2 * RADIUS * channels;
  const step = <usize>channels * 8;
  const part = partBytes(channels);
  const blurred = scratch + 2 * part;
  for (let start = 0; start < columns; start += STRIP) {
    const count = min(STRIP, columns - start);
    const needed = count + 2 * RADIUS * channels;
    let row = blurred;
    for (let y = 0; y < height; y++, row += ROW) {
      const from = map + <usize>(y * line + start) * 4;
      for (let x = 0; x < needed; x += 2) {
        const v = centred(from + <usize>x * 4, centres + <usize>(start + x) * 8);
        const at = scratch + <usize>x * 8;
        v128.store(at, v);
        v128.store(at + part, f64x2.mul(v, v));
      }
      across(scratch, row, count, step);
      across(scratch + part, row + PART, count, step);
      if (y < 2 * RADIUS) continue;
      for (let x = 0; x < count; x += 2, to += 32) {
        const at = row + <usize>x * 8;
        const mean = down(at);
        v128.store(to, mean);
        v128.store(to, sample(down(at + PART), mean, mean), 16);
      }
    }
  }
}

/** Sum of the structural similarity over all cells whose window is whole. */
export function similarity(
  a: usize,
  centresA: usize,
  momentsA: usize,
  b: usize,
  centresB: usize,
  scratch: usize,
  height: i32,
  width: i32,
  channels: i32,
  C1: f64,
  C2: f64,
): f64 {
  const line = width * channels;
  const columns = line - 2 * RADIUS * channels;
  const step = <usize>channels * 8;
  const part = partBytes(channels);
  const blurred = scratch + 3 * part;
  const c1 = f64x2.splat(C1);
  const c2 = f64x2.splat(C2);
  const two = f64x2.splat(2);
  let sum = f64x2.splat(0);
  for (let start = 0; start < columns; start += STRIP) {
    const count = min(STRIP, columns - start);
    const needed = count + 2 * RADIUS * channels;
    let row = blurred;
    for (let y = 0; y < height; y++, row += ROW) {
      const from = <usize>(y * line + start) * 4;
      for (let x = 0; x < needed; x += 2) {
        const column = <usize>(start + x) * 8;
        const u = centred(a + from + <usize>x * 4, centresA + column);
        const v = centred(b + from + <usize>x * 4, centresB + column);
        const at = scratch + <usize>x * 8;
        v128.store(at, v);
        v128.store(at + part, f64x2.mul(v, v));
        v128.store(at + 2 * part, f64x2.mul(u, v));
      }
      across(scratch, row, count, step);
      across(scratch + part, row + PART, count, step);
      across(scratch + 2 * part, row + 2 * PART, count, step);
      if (y < 2 * RADIUS) continue;
      for (let x = 0; x < count; x += 2, momentsA += 32) {
        const at = row + <usize>x * 8;
        const column = <usize>(start + x) * 8;
        const meanA = v128.load(momentsA);
        const meanB = down(at);
        const varianceB = sample(down(at + PART), meanB, meanB);
        const covariance = sample(down(at + 2 * PART), meanA, meanB);
        const p = f64x2.add(meanA, v128.load(centresA + column));
        const q = f64x2.add(meanB, v128.load(centresB + column));
        const means = f64x2.add(f64x2.mul(two, f64x2.mul(p, q)), c1);
        const alike = f64x2.mul(means, f64x2.add(f64x2.mul(two, covariance), c2));
        const squares = f64x2.add(f64x2.add(f64x2.mul(p, p), f64x2.mul(q, q)), c1);
        const most = f64x2.mul(squares, f64x2.add(f64x2.add(v128.load(momentsA, 16), varianceB), c2));
        const score = f64x2.div(alike, most);
        sum = f64x2.add(sum, x + 1 < count ? score : f64x2.replace_lane(score, 1, 0));
      }
    }
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

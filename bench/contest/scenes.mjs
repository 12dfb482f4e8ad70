import { seedTree } from "../../packages/core/dist/index.js";

const SHAPES = 40;

/** Pictures `[n, size, size, 3]` in [−1, 1]: discs of many sizes and colours on a slope of colour, with a little grain. No photo, but edges, flats and texture. */
export function scenes(count, size) {
  const values = new Float32Array(count * size * size * 3);
  for (let image = 0; image < count; image++) {
    const random = seedTree("scenes").split(image);
    const colour = () => [random.uniform(), random.uniform(), random.uniform()].map((value) => 2 * value - 1);
    const [top, bottom] = [colour(), colour()];
    const discs = Array.from({ length: SHAPES }, () => ({
      row: random.uniform() * size,
      column: random.uniform() * size,
      radius: (0.02 + 0.2 * random.uniform() ** 2) * size,
      colour: colour(),
    }));
    for (let row = 0, at = image * size * size * 3; row < size; row++) {
      for (let column = 0; column < size; column++) {
        const disc = discs.findLast((each) => Math.hypot(row - each.row, column - each.column) < each.radius);
        for (let c = 0; c < 3; c++) {
          const ground = disc?.colour[c] ?? top[c] + ((bottom[c] - top[c]) * row) / size;
          values[at++] = Math.min(1, Math.max(-1, ground + 0.05 * random.normal()));
        }
      }
    }
  }
  return { values, shape: [count, size, size, 3] };
}

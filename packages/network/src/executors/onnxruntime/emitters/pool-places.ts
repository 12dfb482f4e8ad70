import type { Conv2d } from "../../../ops/conv2d.js";
import type { PoolWindow, Shape } from "../../../ops/operation.js";
import { sidesOf } from "./sides.js";

/** Every second row (or column) of a convolution's output, as a convolution of twice the stride gives it. */
export interface Place {
  readonly count: number;
  /** padding of the input; and its cells that are left over behind the last window */
  readonly before: number;
  readonly after: number;
  readonly left: number;
}

/** Cells that are put before and behind a list, fewer than none where they are taken away. */
export type Move = readonly [begin: number, end: number];

/** Where the cells of a pool's windows lie along an axis of the convolution below it. */
export interface Places {
  /** of windows */
  readonly count: number;
  /** the one of a window's first cell, and of its third if it has one; and the one of its second cell */
  readonly places: readonly [outer: Place, inner: Place];
  /** which of the two begins with the convolution's first row */
  readonly even: 0 | 1;
  /** from the rows at the outer place to the first cells of all windows, and to their third ones */
  readonly first: Move;
  readonly third: Move | undefined;
  /** rows of the convolution's output, less those of the two places interleaved: −1 where one more is thought of at the end */
  readonly rest: number;
}

/** Undefined where a pool is not of stride 2 over two or three cells, or a place begins inside the convolution's input. */
export function placesOf({ size, strides, padding, dilations }: Conv2d, pool: PoolWindow, input: Shape, axis: 0 | 1): Places | undefined {
  const { pads, output } = sidesOf(input, size, strides, padding, dilations);
  const windows = sidesOf([...output, 1], pool.size, pool.strides, pool.padding);
  const [cells, length] = [pool.size[axis], output[axis]];
  const [ahead, count] = [windows.pads[axis], windows.output[axis]];
  const beyond = 2 * count - ahead > length;
  if (pool.strides[axis] !== 2 || dilations[axis] !== 1 || cells < 2 || cells > 3 || ahead > cells - 2 || beyond) return undefined;
  const place = (first: number, count: number): Place => {
    const before = pads[axis] - strides[axis] * first;
    const after = 2 * (count - 1) * strides[axis] + size[axis] - before - (input[axis] ?? 0);
    return { count, before, after: Math.max(0, after), left: Math.max(0, -after) };
  };
  const outer = place(ahead, Math.min(Math.floor((length + 1 - ahead) / 2), count + cells - 2 - ahead));
  const inner = place(1 - ahead, count);
  if ([outer, inner].some(({ before, left }) => before < 0 || left >= 2 * strides[axis])) return undefined;
  return {
    count,
    places: [outer, inner],
    even: ahead === 0 ? 0 : 1,
    first: [ahead, count - ahead - outer.count],
    third: cells === 3 ? [ahead - 1, count + 1 - ahead - outer.count] : undefined,
    rest: length - 2 * Math.max(outer.count, inner.count),
  };
}

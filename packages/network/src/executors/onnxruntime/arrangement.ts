import type { HostArray, Shape } from "../../ops/operation.js";

/** How an array of weights lies for a node: a pure function of the array. Arrangements of one name are the same. */
export interface Arrangement {
  readonly name: string;
  readonly shape: (of: Shape) => Shape;
  readonly write: (array: HostArray, out: Float32Array) => void;
}

/** An array that is arranged where it is wanted, and each time anew: of a real network's arrays a second set is a hundred megabytes. */
export interface Arranged {
  readonly shape: Shape;
  readonly length: number;
  readonly write: (out: Float32Array) => void;
}

export function arranged(array: HostArray, { shape: shapeOf, write }: Arrangement): Arranged {
  const shape = shapeOf(array.shape);
  return { shape, length: shape.reduce((a, b) => a * b, 1), write: (out) => write(array, out) };
}

/** `[h, w, in, out]` → `[out, in, h, w]`. */
export const forConvolution: Arrangement = {
  name: "convolution",
  shape: ([h = 1, w = 1, i = 1, o = 1]) => [o, i, h, w],
  write: ({ shape, values }, out) => {
    const [h = 1, w = 1, i = 1, o = 1] = shape;
    const cells = h * w;
    let read = 0;
    for (let at = 0; at < cells; at++)
      for (let from = 0; from < i; from++) {
        const behind = read + o;
        for (let place = from * cells + at; read < behind; place += i * cells) out[place] = values[read++]!;
      }
  },
};

/**
 * `[h, w, in, out]` → `[in, out, h, w]`, turned by 180°, of the input channels from … to − 1: the convolution that is the gradient of one with
 * stride 1.
 */
export const forGradient = (first: number, behind: number): Arrangement => ({
  name: `gradient ${first}-${behind}`,
  shape: ([h = 1, w = 1, , o = 1]) => [behind - first, o, h, w],
  write: ({ shape, values }, out) => {
    const [h = 1, w = 1, i = 1, o = 1] = shape;
    const cells = h * w;
    if (cells === 1) {
      out.set(values.subarray(first * o, behind * o));
      return;
    }
    for (let from = first; from < behind; from++)
      for (let at = 0; at < cells; at++) {
        const start = (at * i + from) * o;
        let place = ((from - first) * o + 1) * cells - 1 - at;
        for (let read = start; read < start + o; read++, place += cells) out[place] = values[read]!;
      }
  },
});

/** `[h, w, channels, multiplier]` → `[channels·multiplier, 1, h, w]`. */
export const forDepthwise: Arrangement = {
  name: "depthwise",
  shape: ([h = 1, w = 1, c = 1, m = 1]) => [c * m, 1, h, w],
  write: ({ shape, values }, out) => {
    const [h = 1, w = 1, c = 1, m = 1] = shape;
    for (let at = 0; at < h * w; at++) for (let to = 0; to < c * m; to++) out[to * h * w + at] = values[at * c * m + to]!;
  },
};

/** `forDepthwise`, turned by 180°. */
export const forDepthwiseGradient: Arrangement = {
  name: "depthwise gradient",
  shape: forDepthwise.shape,
  write: ({ shape, values }, out) => {
    const [h = 1, w = 1, c = 1, m = 1] = shape;
    const last = h * w - 1;
    for (let at = 0; at <= last; at++) for (let to = 0; to < c * m; to++) out[to * h * w + last - at] = values[at * c * m + to]!;
  },
};

import type { HostArray } from "../../ops/operation.js";

/** How an array of weights lies for a node: a pure function of the array, kept under its name. */
export interface Arrangement {
  readonly name: string;
  readonly arrange: (array: HostArray) => HostArray;
}

/** `[h, w, in, out]` → `[out, in, h, w]`. */
export const forConvolution: Arrangement = {
  name: "convolution",
  arrange: ({ shape, values }) => {
    const [h = 1, w = 1, i = 1, o = 1] = shape;
    const out = new Float32Array(values.length);
    for (let at = 0; at < h * w; at++)
      for (let from = 0; from < i; from++)
        for (let to = 0; to < o; to++) out[(to * i + from) * h * w + at] = values[(at * i + from) * o + to]!;
    return { shape: [o, i, h, w], values: out };
  },
};

/** `[h, w, in, out]` → `[in, out, h, w]`, turned by 180°: the convolution that is the gradient of one with stride 1. */
export const forGradient: Arrangement = {
  name: "gradient",
  arrange: ({ shape, values }) => {
    const [h = 1, w = 1, i = 1, o = 1] = shape;
    const out = new Float32Array(values.length);
    const last = h * w - 1;
    for (let at = 0; at <= last; at++)
      for (let from = 0; from < i; from++)
        for (let to = 0; to < o; to++) out[(from * o + to) * h * w + last - at] = values[(at * i + from) * o + to]!;
    return { shape: [i, o, h, w], values: out };
  },
};

/** `[h, w, channels, multiplier]` → `[channels·multiplier, 1, h, w]`. */
export const forDepthwise: Arrangement = {
  name: "depthwise",
  arrange: ({ shape, values }) => {
    const [h = 1, w = 1, c = 1, m = 1] = shape;
    const out = new Float32Array(values.length);
    for (let at = 0; at < h * w; at++) for (let to = 0; to < c * m; to++) out[to * h * w + at] = values[at * c * m + to]!;
    return { shape: [c * m, 1, h, w], values: out };
  },
};

/** `forDepthwise`, turned by 180°. */
export const forDepthwiseGradient: Arrangement = {
  name: "depthwise gradient",
  arrange: (array) => {
    const { shape, values } = forDepthwise.arrange(array);
    const cells = shape[2]! * shape[3]!;
    return { shape, values: values.map((_, i) => values[i - (i % cells) + cells - 1 - (i % cells)]!) };
  },
};

/**
 * `[h, w, in, out]` → `[4·out, in, h + 1, w + 1]`: the kernel at each of the four places of a 2×2 pool. One transposed convolution of stride 2
 * over the four gradients is then the gradient of convolution and pool together.
 */
export const forPooledGradient: Arrangement = {
  name: "pooled gradient",
  arrange: ({ shape, values }) => {
    const [h = 1, w = 1, i = 1, o = 1] = shape;
    const cells = (h + 1) * (w + 1);
    const out = new Float32Array(4 * o * i * cells);
    for (const [phase, down, right] of [
      [0, 0, 0],
      [1, 0, 1],
      [2, 1, 0],
      [3, 1, 1],
    ] as const)
      // prettier-ignore
      for (let y = 0; y < h; y++)
        for (let x = 0; x < w; x++)
          for (let from = 0; from < i; from++)
            for (let to = 0; to < o; to++)
              out[((phase * o + to) * i + from) * cells + (y + down) * (w + 1) + x + right] = values[((y * w + x) * i + from) * o + to]!;
    return { shape: [4 * o, i, h + 1, w + 1], values: out };
  },
};

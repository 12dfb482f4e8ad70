import type { Padding } from "../ops/operation.js";

type OfAllAxes = "same" | "valid" | [[number, number], [number, number], [number, number], [number, number]];

/** Padding as TensorFlow.js takes it: for explicit cells, a pair for each axis of `[n, h, w, c]`. */
export const planePadding = (padding: Padding): OfAllAxes =>
  typeof padding === "string" ? padding : [[0, 0], [...padding[0]], [...padding[1]], [0, 0]];

import type { Pair, Padding } from "./operation.js";

/** The padding of one axis: 0 rows, 1 columns. */
export const alongAxis = (padding: Padding, axis: 0 | 1): "same" | "valid" | Pair =>
  typeof padding === "string" ? padding : padding[axis];

/** Output length along one axis, and the cells of padding before the first. `same` pads the odd cell behind. */
export function span(
  length: number,
  size: number,
  stride: number,
  padding: "same" | "valid" | Pair,
  dilation = 1,
): { length: number; before: number } {
  const reach = (size - 1) * dilation + 1;
  if (padding === "same") {
    const out = Math.ceil(length / stride);
    return { length: out, before: Math.floor(Math.max(0, (out - 1) * stride + reach - length) / 2) };
  }
  const [before, after] = padding === "valid" ? [0, 0] : padding;
  return { length: Math.floor((before + length + after - reach) / stride) + 1, before };
}

/** Spatial output shape of a window moved over `[h, w, c]`. */
export function slide(
  input: readonly number[],
  size: Pair,
  strides: Pair,
  padding: Padding,
  dilations: Pair = [1, 1],
): [rows: number, columns: number, channels: number] {
  const [h, w, c] = input;
  if (h === undefined || w === undefined || c === undefined || input.length !== 3)
    throw new Error(`takes [h, w, c], not [${input.join(", ")}]`);
  const rows = span(h, size[0], strides[0], alongAxis(padding, 0), dilations[0]).length;
  const columns = span(w, size[1], strides[1], alongAxis(padding, 1), dilations[1]).length;
  if (rows < 1 || columns < 1) throw new Error(`window ${size.join("×")} does not fit into ${h}×${w}`);
  return [rows, columns, c];
}

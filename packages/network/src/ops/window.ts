import type { Pair, Padding } from "./operation.js";

/** Output length along one axis, and the cells of padding before the first. `same` pads the odd cell behind. */
export function span(length: number, size: number, stride: number, padding: Padding, dilation = 1): { length: number; before: number } {
  const reach = (size - 1) * dilation + 1;
  if (padding === "valid") return { length: Math.floor((length - reach) / stride) + 1, before: 0 };
  const out = Math.ceil(length / stride);
  return { length: out, before: Math.floor(Math.max(0, (out - 1) * stride + reach - length) / 2) };
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
  const rows = span(h, size[0], strides[0], padding, dilations[0]).length;
  const columns = span(w, size[1], strides[1], padding, dilations[1]).length;
  if (rows < 1 || columns < 1) throw new Error(`window ${size.join("×")} does not fit into ${h}×${w}`);
  return [rows, columns, c];
}

import type { Padding, Pair, Shape } from "../../../ops/operation.js";
import { alongAxis, span } from "../../../ops/window.js";

/** Cells of padding around the plane that a window really reaches, and the lengths of its output. */
export interface Sides {
  readonly pads: readonly [top: number, left: number, bottom: number, right: number];
  readonly output: Pair;
}

export function sidesOf(input: Shape, size: Pair, strides: Pair, padding: Padding, dilations: Pair = [1, 1]): Sides {
  const along = (axis: 0 | 1): { before: number; after: number; length: number } => {
    const reach = (size[axis] - 1) * dilations[axis] + 1;
    const { length, before } = span(input[axis] ?? 0, size[axis], strides[axis], alongAxis(padding, axis), dilations[axis]);
    return { before, after: Math.max(0, (length - 1) * strides[axis] + reach - (input[axis] ?? 0) - before), length };
  };
  const [rows, columns] = [along(0), along(1)];
  return { pads: [rows.before, columns.before, rows.after, columns.after], output: [rows.length, columns.length] };
}

/** Attributes of a transposed convolution whose output is as large as the convolution's input was. */
export function transposed(input: Shape, { pads, output }: Sides, size: Pair, strides: Pair, dilations: Pair) {
  const after = ([0, 1] as const).map((axis) => {
    const reach = (size[axis] - 1) * dilations[axis] + 1;
    return (output[axis] - 1) * strides[axis] + reach - pads[axis] - (input[axis] ?? 0);
  });
  return {
    kernel_shape: size,
    strides,
    dilations,
    pads: [pads[0], pads[1], ...after.map((cells) => Math.max(0, cells))],
    output_padding: after.map((cells) => Math.max(0, -cells)),
  };
}

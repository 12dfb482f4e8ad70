import type { HostArray, HostArrays } from "./operation.js";

/**
 * Folds `y·scale + shift` into a linear operation: each kernel entry times the scale of its output channel, bias·scale + shift.
 * `channel` gives the output channel of a kernel entry. Sums in float64.
 */
export function foldAffine(operands: HostArrays, affine: HostArrays, channel: (index: number) => number): HostArrays {
  const { kernel, bias } = operands;
  const { scale, shift } = affine;
  if (!kernel || !scale || !shift) throw new Error("nothing to fold");
  const values = kernel.values.map((value, i) => value * scale.values[channel(i)]!);
  const moved = shift.values.map((value, i) => (bias ? bias.values[i]! * scale.values[i]! : 0) + value);
  return { kernel: { shape: kernel.shape, values }, bias: { shape: shift.shape, values: moved } };
}

/** The last axis of an array. */
export const lastAxis = (array: HostArray | undefined): number => array?.shape.at(-1) ?? 1;

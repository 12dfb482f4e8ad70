import type { HostArrays } from "./operation.js";

/**
 * Folds `y·scale + shift` into a linear operation: each kernel entry times the scale of its output channel, bias·scale + shift.
 * In every kernel of ours the output channel is what varies fastest. Sums in float64.
 */
export function foldAffine(operands: HostArrays, affine: HostArrays): HostArrays {
  const { kernel, bias } = operands;
  const { scale, shift } = affine;
  if (!kernel || !scale || !shift) throw new Error("nothing to fold");
  const channels = scale.values.length;
  const values = new Float32Array(kernel.values.length);
  for (let start = 0; start < values.length; start += channels) {
    for (let c = 0; c < channels; c++) values[start + c] = kernel.values[start + c]! * scale.values[c]!;
  }
  const moved = shift.values.map((value, i) => (bias ? bias.values[i]! * scale.values[i]! : 0) + value);
  return { kernel: { shape: kernel.shape, values }, bias: { shape: shift.shape, values: moved } };
}

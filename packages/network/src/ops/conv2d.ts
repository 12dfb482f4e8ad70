import type { Tensor4D } from "@tensorflow/tfjs-core";
import { foldAffine } from "./affine.js";
import { present, type Operation, type Pair, type Window } from "./operation.js";
import { slide } from "./window.js";

export interface Conv2d extends Window {
  readonly size: Pair;
  readonly filters: number;
  readonly bias: boolean;
}

/** Convolution, kernels `[h, w, in, out]`. */
export const conv2d = ({ size, filters, bias, strides, padding, dilations }: Conv2d): Operation => ({
  kind: "conv2d",
  attributes: { size, filters, bias, strides, padding, dilations } satisfies Conv2d,
  reads: [],
  shape: ([input = []]) => {
    const [rows, columns] = slide(input, size, strides, padding, dilations);
    return [rows, columns, filters];
  },
  parameters: ([input]) => ({ kernel: [...size, input?.[2] ?? 0, filters], ...(bias && { bias: [filters] }) }),
  fold: foldAffine,
  forward: ([x], { kernel, bias: b }, kernels) => {
    const y = kernels.convolution(x as Tensor4D, kernel as Tensor4D, { strides, padding, dilations });
    return b ? kernels.addBias(y, b) : y;
  },
  gradient: ({ dy, inputShapes, operands, kernels }) =>
    kernels.convolutionGradient(dy as Tensor4D, operands["kernel"] as Tensor4D, present(inputShapes[0], "input shape"), {
      strides,
      padding,
      dilations,
    }),
});

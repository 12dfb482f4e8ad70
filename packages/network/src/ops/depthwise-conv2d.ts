import type { Tensor4D } from "@tensorflow/tfjs-core";
import { foldAffine } from "./affine.js";
import { present, type HostArrays, type Operation, type Pair, type Window } from "./operation.js";
import { slide } from "./window.js";

export interface DepthwiseConv2d extends Window {
  readonly size: Pair;
  readonly multiplier: number;
  readonly bias: boolean;
}

/** One convolution a channel, kernels `[h, w, channels, multiplier]`; output channel = channel·multiplier + filter. */
export const depthwiseConv2d = ({ size, multiplier, bias, strides, padding, dilations }: DepthwiseConv2d): Operation => ({
  kind: "depthwise-conv2d",
  attributes: { size, multiplier, bias, strides, padding, dilations } satisfies DepthwiseConv2d,
  reads: [],
  shape: ([input = []]) => {
    const [rows, columns, channels] = slide(input, size, strides, padding, dilations);
    return [rows, columns, channels * multiplier];
  },
  parameters: ([input]) => {
    const channels = input?.[2] ?? 0;
    return { depthwise_kernel: [...size, channels, multiplier], ...(bias && { bias: [channels * multiplier] }) };
  },
  operands: ({ depthwise_kernel: kernel, bias: b }): HostArrays => ({ ...(kernel && { kernel }), ...(b && { bias: b }) }),
  fold: foldAffine,
  forward: ([x], { kernel, bias: b }, kernels) => {
    const y = kernels.depthwise(x as Tensor4D, kernel as Tensor4D, { strides, padding, dilations });
    return b ? kernels.addBias(y, b) : y;
  },
  gradient: ({ dy, inputShapes, operands, kernels }) =>
    kernels.depthwiseGradient(dy as Tensor4D, operands["kernel"] as Tensor4D, present(inputShapes[0], "input shape"), {
      strides,
      padding,
      dilations,
    }),
});

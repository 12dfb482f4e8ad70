import * as tf from "@tensorflow/tfjs-core";
import type { Tensor4D } from "@tensorflow/tfjs-core";
import { foldAffine } from "./affine.js";
import type { Conv2d } from "./conv2d.js";
import { present, type Operation } from "./operation.js";
import { slide } from "./window.js";

export interface GroupedConv2d extends Conv2d {
  readonly groups: number;
}

/** Convolutions side by side, each from its own share of the input channels to its own share of the filters; kernels `[h, w, in / groups, out]`. */
export const groupedConv2d = ({ groups, size, filters, bias, strides, padding, dilations }: GroupedConv2d): Operation => {
  const window = { strides, padding, dilations };
  const share = (x: Tensor4D, group: number): Tensor4D => {
    const [a, b, c, channels] = x.shape;
    return tf.slice(x, [0, 0, 0, (group * channels) / groups], [a, b, c, channels / groups]);
  };
  const each = (part: (group: number) => Tensor4D): Tensor4D =>
    tf.concat(
      Array.from({ length: groups }, (_, group) => part(group)),
      3,
    );
  return {
    kind: "grouped-conv2d",
    attributes: { groups, size, filters, bias, strides, padding, dilations } satisfies GroupedConv2d,
    reads: [],
    shape: ([input = []]) => {
      const [rows, columns, channels] = slide(input, size, strides, padding, dilations);
      if (channels % groups !== 0 || filters % groups !== 0)
        throw new Error(`${channels} channels and ${filters} filters do not divide into ${groups} groups`);
      return [rows, columns, filters];
    },
    parameters: ([input]) => ({ kernel: [...size, (input?.[2] ?? 0) / groups, filters], ...(bias && { bias: [filters] }) }),
    fold: foldAffine,
    forward: ([x], { kernel, bias: b }, kernels) => {
      const y = each((group) => kernels.convolution(share(x as Tensor4D, group), share(kernel as Tensor4D, group), window));
      return b ? kernels.addBias(y, b) : y;
    },
    gradient: ({ dy, inputShapes, operands, kernels }) => {
      const [n = 0, h = 0, w = 0, channels = 0] = present(inputShapes[0], "input shape");
      const own = [n, h, w, channels / groups];
      return each((group) =>
        kernels.convolutionGradient(share(dy as Tensor4D, group), share(operands["kernel"] as Tensor4D, group), own, window),
      );
    },
  };
};

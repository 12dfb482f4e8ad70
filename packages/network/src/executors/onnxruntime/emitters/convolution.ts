import type { Conv2d } from "../../../ops/conv2d.js";
import type { DepthwiseConv2d } from "../../../ops/depthwise-conv2d.js";
import type { GroupedConv2d } from "../../../ops/grouped-conv2d.js";
import { present, type Pair, type Shape, type Window } from "../../../ops/operation.js";
import { forConvolution, forDepthwise, forDepthwiseGradient, forGradient, type Arranged } from "../arrangement.js";
import { emitter, type EmitCall } from "../emitter.js";
import { sidesOf, transposed } from "./sides.js";

/** The operands of a node: a kernel as it wants it, and a bias. */
export function constants({ graph, operands }: Pick<EmitCall<unknown>, "graph" | "operands">, kernel: Arranged): string[] {
  const bias = operands["bias"];
  return [graph.constant(kernel, kernel.shape), ...(bias ? [graph.constant(bias.values, bias.shape)] : [])];
}

/**
 * Padding of the convolution with the turned kernel that is the gradient of one with stride 1; undefined where a side would be negative
 * (more padding than the kernel reaches over).
 */
export function turnedPads(input: Shape, size: Pair, { strides, padding, dilations }: Window): number[] | undefined {
  if (Math.max(...strides) > 1) return undefined;
  const { pads, output } = sidesOf(input, size, strides, padding, dilations);
  const before = ([0, 1] as const).map((axis) => (size[axis] - 1) * dilations[axis] - pads[axis]);
  const after = ([0, 1] as const).map((axis) => (input[axis] ?? 0) - output[axis] + (size[axis] - 1) * dilations[axis] - before[axis]!);
  return [...before, ...after].some((cells) => cells < 0) ? undefined : [...before, ...after];
}

export const conv2d = emitter<Conv2d>((call) => {
  const { graph, attributes, inputs, inputShapes, operands, arranged } = call;
  const { size, strides, padding, dilations } = attributes;
  const kernel = present(operands["kernel"], "kernel");
  const input = present(inputShapes[0], "input shape");
  const sides = sidesOf(input, size, strides, padding, dilations);
  const attributesOf = (pads: readonly number[]) => ({ kernel_shape: size, strides, dilations, pads });
  return {
    y: graph.op("Conv", [inputs[0]!, ...constants(call, arranged(kernel, forConvolution))], attributesOf(sides.pads)),
    gradient: (dy) => gradientOfConvolution(call, dy),
    ...(turnedPads(input, size, attributes) && { share: (dy, from, to) => gradientOfConvolution(call, dy, { some: [from, to] }) }),
  };
});

/**
 * The gradient of a convolution: one with the turned kernel where the stride is 1, for some of its input channels if asked, and with other padding
 * than `turnedPads` if `dy` has some of that already; else a transposed one.
 */
export function gradientOfConvolution(
  { graph, attributes, inputShapes, operands, arranged }: EmitCall<Conv2d>,
  dy: string,
  { some, pads: other }: { readonly some?: readonly [from: number, to: number]; readonly pads?: readonly number[] } = {},
): string {
  const { size, strides, padding, dilations } = attributes;
  const kernel = present(operands["kernel"], "kernel");
  const input = present(inputShapes[0], "input shape");
  const pads = turnedPads(input, size, attributes);
  const own = arranged(kernel, pads ? forGradient(...(some ?? ([0, input[2] ?? 1] as const))) : forConvolution);
  const name = graph.constant(own, own.shape);
  if (pads) return graph.op("Conv", [dy, name], { kernel_shape: size, strides, dilations, pads: other ?? pads });
  return graph.op(
    "ConvTranspose",
    [dy, name],
    transposed(input, sidesOf(input, size, strides, padding, dilations), size, strides, dilations),
  );
}

/** The kernel of a transposed convolution with groups lies as that of the convolution. */
export const groupedConv2d = emitter<GroupedConv2d>((call) => {
  const { graph, attributes, inputs, inputShapes, operands, arranged } = call;
  const { size, strides, padding, dilations, groups: group } = attributes;
  const own = arranged(present(operands["kernel"], "kernel"), forConvolution);
  const input = present(inputShapes[0], "input shape");
  const sides = sidesOf(input, size, strides, padding, dilations);
  return {
    y: graph.op("Conv", [inputs[0]!, ...constants(call, own)], { kernel_shape: size, strides, dilations, pads: sides.pads, group }),
    gradient: (dy) =>
      graph.op("ConvTranspose", [dy, graph.constant(own, own.shape)], {
        ...transposed(input, sides, size, strides, dilations),
        group,
      }),
  };
});

export const depthwiseConv2d = emitter<DepthwiseConv2d>((call) => {
  const { graph, attributes, inputs, inputShapes, operands, arranged } = call;
  const { size, strides, padding, dilations, multiplier } = attributes;
  const kernel = present(operands["kernel"], "kernel");
  const input = present(inputShapes[0], "input shape");
  const group = input[2] ?? 1;
  const sides = sidesOf(input, size, strides, padding, dilations);
  return {
    y: graph.op("Conv", [inputs[0]!, ...constants(call, arranged(kernel, forDepthwise))], {
      kernel_shape: size,
      strides,
      dilations,
      pads: sides.pads,
      group,
    }),
    gradient: (dy) => {
      const pads = multiplier === 1 ? turnedPads(input, size, attributes) : undefined;
      const own = arranged(kernel, pads ? forDepthwiseGradient : forDepthwise);
      const name = graph.constant(own, own.shape);
      if (pads) return graph.op("Conv", [dy, name], { kernel_shape: size, strides, dilations, pads, group });
      return graph.op("ConvTranspose", [dy, name], { ...transposed(input, sides, size, strides, dilations), group });
    },
  };
});

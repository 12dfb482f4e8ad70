import * as ops from "../../../ops/index.js";
import type { Constant } from "../constant.js";
import { permute } from "../fold.js";
import { slide } from "../../../ops/window.js";
import type { Operator } from "./operator.js";
import { plane, readWindow } from "./window.js";

/** Conv: kernels `[out, in / groups, h, w]` become `[h, w, in / groups, out]`, or `[h, w, in, multiplier]` where every channel is a group. */
export const conv: Operator = (step, builder) => {
  const input = step.value(0);
  const kernel = step.needed(1);
  const [filters = 0, share = 0, ...size] = kernel.dims;
  const [channels, rows, columns] = plane(step, input);
  const groups = step.int("group", 1);
  const { padding, strides, dilations, size: window } = readWindow(step, input, size);
  if (Math.max(...strides) > 1 && Math.max(...dilations) > 1) throw step.fail("both strides and dilations are not supported");
  if (share * groups !== channels) throw step.fail(`${groups} groups of ${share} channels do not fit an input of ${channels}`);
  builder.own(step, kernel);
  const bias = step.constant(2) ?? builder.takeBias(step, (summand) => isBias(summand, filters));
  const depthwise = groups > 1 && share === 1;
  const shared = { size: window, strides, padding, dilations, bias: bias !== undefined };
  const operation = depthwise
    ? ops.depthwiseConv2d({ ...shared, multiplier: filters / groups })
    : groups > 1
      ? ops.groupedConv2d({ ...shared, filters, groups })
      : ops.conv2d({ ...shared, filters });
  const turned = permute(kernel, [2, 3, 1, 0]);
  const values = Float32Array.from(turned.values);
  const [h, w] = slide([rows, columns, channels], window, strides, padding, dilations);
  return builder.make(step, {
    operation,
    inputs: [builder.arrange(input)],
    dims: [filters, h, w],
    // Output channel = channel·multiplier + filter: the same order of numbers for both shapes.
    weights: {
      ...(depthwise
        ? { depthwise_kernel: { shape: [...window, channels, filters / groups], values } }
        : { kernel: { shape: turned.dims, values } }),
      ...(bias && { bias: { shape: [filters], values: Float32Array.from(bias.values) } }),
    },
    names: [kernel.name, bias?.name],
  });
};

/** `[c, 1, 1]`, with or without the batch. */
const isBias = ({ dims }: Constant, filters: number): boolean =>
  dims.slice(-2).every((size) => size === 1) && dims.at(-3) === filters && dims.reduce((a, b) => a * b, 1) === filters;

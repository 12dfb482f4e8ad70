import type { Dense } from "../../../ops/dense.js";
import { present, type HostArray, type Operation, type Pair, type Shape } from "../../../ops/operation.js";
import { emitter, type EmitCall } from "../emitter.js";
import { axisInOnnx } from "./layout.js";
import { pass, rectified, type Relu } from "./rules.js";

export const dense = emitter<Dense>(({ graph, inputs, operands }) => {
  const kernel = present(operands["kernel"], "kernel");
  const bias = operands["bias"];
  const matrix = graph.constant(kernel.values, kernel.shape);
  return {
    y: graph.op("Gemm", [inputs[0]!, matrix, ...(bias ? [graph.constant(bias.values, bias.shape)] : [])]),
    gradient: (dy) => graph.op("Gemm", [dy, matrix], { transB: 1 }),
  };
});

export const relu = emitter<Relu>((call) => {
  const y = rectified(call);
  return { y, gradient: pass(call, y, call.attributes.maximum) };
});

export const identity = emitter<unknown>(({ inputs }) => ({ y: inputs[0]!, gradient: (dy) => dy }));

/** Whether a concatenation joins the channels of planes. */
export const joinsChannels = (
  { kind = "concatenate", attributes }: Pick<Operation, "attributes"> & { kind?: string },
  { length }: Shape,
): boolean => kind === "concatenate" && length === 3 && axisInOnnx((attributes as { readonly axis: number }).axis, [0, 0, 0]) === 1;

export const concatenate = emitter<{ readonly axis: number }>(({ graph, attributes, inputs, inputShapes }) => {
  const first = present(inputShapes[0], "input shape");
  const axis = axisInOnnx(attributes.axis, first);
  const at = (attributes.axis < 0 ? attributes.axis + first.length + 1 : attributes.axis) - 1;
  const length = (i: number): number => inputShapes[i]?.[at] ?? 0;
  return {
    y: graph.op("Concat", inputs, { axis }),
    ...(joinsChannels({ attributes }, first) && { joined: true as const }),
    gradient: (dy, index) => {
      const start = inputShapes.slice(0, index).reduce((sum, _, i) => sum + length(i), 0);
      return graph.op("Slice", [dy, graph.integers(start), graph.integers(start + length(index)), graph.integers(axis)]);
    },
  };
});

/** Rows of a plane to a vector in the order of `[h, w, c]`: planes lie with their channels first. */
export const flatten = emitter<unknown>(({ graph, inputs, inputShapes, shape }) => {
  const input = present(inputShapes[0], "input shape");
  if (input.length !== 3) return { y: inputs[0]!, gradient: (dy) => dy };
  const [h = 1, w = 1, c = 1] = input;
  const still = c === 1 || h * w === 1;
  const behind = (value: string): string => (still ? value : graph.op("Transpose", [value], { perm: [0, 2, 3, 1] }));
  const ahead = (value: string): string =>
    still
      ? graph.op("Reshape", [value, graph.integers(0, c, h, w)])
      : graph.op("Transpose", [graph.op("Reshape", [value, graph.integers(0, h, w, c)])], { perm: [0, 3, 1, 2] });
  return { y: graph.op("Reshape", [behind(inputs[0]!), graph.integers(0, ...shape)]), gradient: ahead };
});

/** A factor or summand for each channel, as it is repeated over a plane `[n, c, h, w]`. */
const perChannel = ({ graph }: Pick<EmitCall<unknown>, "graph">, array: HostArray, shape: Shape): string =>
  graph.constant(array.values, shape.length === 3 ? [array.values.length, 1, 1] : [array.values.length]);

export const batchNormalization = emitter<unknown>((call) => {
  const { graph, inputs, operands, shape } = call;
  const scale = perChannel(call, present(operands["scale"], "scale"), shape);
  const shift = perChannel(call, present(operands["shift"], "shift"), shape);
  return { y: graph.op("Add", [graph.op("Mul", [inputs[0]!, scale]), shift]), gradient: (dy) => graph.op("Mul", [dy, scale]) };
});

export const softmax = emitter<unknown>(({ graph, inputs, shape }) => {
  const axis = axisInOnnx(-1, shape);
  const y = graph.op("Softmax", [inputs[0]!], { axis });
  return {
    y,
    gradient: (dy) => {
      const sum = graph.op("ReduceSum", [graph.op("Mul", [dy, y]), graph.integers(axis)], { keepdims: 1 });
      return graph.op("Mul", [y, graph.op("Sub", [dy, sum])]);
    },
  };
});

export const zeroPadding2d = emitter<{ readonly rows: Pair; readonly columns: Pair }>(({ graph, attributes, inputs, inputShapes }) => {
  const { rows, columns } = attributes;
  const [h = 0, w = 0] = present(inputShapes[0], "input shape");
  return {
    y: graph.op("Pad", [inputs[0]!, graph.integers(0, 0, rows[0], columns[0], 0, 0, rows[1], columns[1])]),
    gradient: (dy) =>
      graph.op("Slice", [dy, graph.integers(rows[0], columns[0]), graph.integers(rows[0] + h, columns[0] + w), graph.integers(2, 3)]),
  };
});

import type { ConstantAffine } from "../../../ops/constant-affine.js";
import { present, type HostArray } from "../../../ops/operation.js";
import { emitter, type EmitCall } from "../emitter.js";
import { axisInOnnx } from "./layout.js";

/** The gradient of an input that was repeated: its sum over the repeated axes. */
function collapse({ graph, inputShapes, shape }: EmitCall<unknown>, dy: string, index: number): string {
  const own = present(inputShapes[index], "input shape");
  const repeated = own.flatMap((size, i) => (size === 1 && shape[i] !== 1 ? [axisInOnnx(i + 1, shape)] : []));
  return repeated.length > 0 ? graph.op("ReduceSum", [dy, graph.integers(...repeated)], { keepdims: 1 }) : dy;
}

export const add = emitter<unknown>((call) => ({
  y: call.inputs.slice(1).reduce((sum, x) => call.graph.op("Add", [sum, x]), call.inputs[0]!),
  gradient: (dy, index) => collapse(call, dy, index),
}));

export const subtract = emitter<unknown>((call) => ({
  y: call.graph.op("Sub", call.inputs),
  gradient: (dy, index) => collapse(call, index === 0 ? dy : call.graph.op("Neg", [dy]), index),
}));

export const multiply = emitter<unknown>((call) => ({
  y: call.graph.op("Mul", call.inputs),
  gradient: (dy, index) => collapse(call, call.graph.op("Mul", [dy, call.inputs[1 - index]!]), index),
}));

export const divide = emitter<unknown>((call) => {
  const { graph, inputs } = call;
  const y = graph.op("Div", inputs);
  return {
    y,
    gradient: (dy, index) => {
      const over = graph.op("Div", [dy, inputs[1]!]);
      return collapse(call, index === 0 ? over : graph.op("Neg", [graph.op("Mul", [over, y])]), index);
    },
  };
});

/** A constant `[h, w, c]` as `[c, h, w]`; others as they are. */
function besidePlanes({ graph }: EmitCall<unknown>, { shape, values }: HostArray): string {
  if (shape.length !== 3) return graph.constant(values, shape);
  const [h = 1, w = 1, c = 1] = shape;
  const planes = Float32Array.from(values, (_, i) => values[(i % (h * w)) * c + Math.floor(i / (h * w))]!);
  return graph.constant(planes, [c, h, w]);
}

export const constantAffine = emitter<ConstantAffine>((call) => {
  const { graph, attributes, inputs } = call;
  const scale = attributes.scale && besidePlanes(call, attributes.scale);
  const scaled = (value: string): string => (scale === undefined ? value : graph.op("Mul", [value, scale]));
  const shift = attributes.shift && besidePlanes(call, attributes.shift);
  const y = scaled(inputs[0]!);
  return { y: shift === undefined ? y : graph.op("Add", [y, shift]), gradient: scaled };
});

import { emitter } from "../emitter.js";
import { float } from "../onnx-file.js";
import { axisInOnnx } from "./layout.js";
import { derivative } from "./rules.js";

export const sigmoid = emitter<unknown>(({ graph, inputs }) => {
  const y = graph.op("Sigmoid", [inputs[0]!]);
  return { y, gradient: (dy) => graph.op("Mul", [dy, graph.op("Mul", [y, graph.op("Sub", [graph.scalar(1), y])])]) };
});

export const hardSigmoid = emitter<{ readonly alpha: number; readonly beta: number }>((call) => {
  const { graph, attributes, inputs, shape, apart = false } = call;
  const { alpha, beta } = attributes;
  const y = graph.op("HardSigmoid", [inputs[0]!], { alpha: float(alpha), beta: float(beta) });
  const inside = derivative({ graph, shape, apart }, y, 1);
  return { y, gradient: (dy) => graph.op("Mul", [inside(dy), graph.scalar(alpha)]) };
});

export const leakyRelu = emitter<{ readonly slope: number }>(({ graph, attributes, inputs }) => {
  const x = inputs[0]!;
  const positive = (): string => graph.op("Greater", [x, graph.scalar(0)]);
  return {
    y: graph.op("LeakyRelu", [x], { alpha: float(attributes.slope) }),
    gradient: (dy) => graph.op("Where", [positive(), dy, graph.op("Mul", [dy, graph.scalar(attributes.slope)])]),
  };
});

export const clip = emitter<{ readonly low: number; readonly high: number }>(({ graph, attributes, inputs }) => {
  const x = inputs[0]!;
  const [low, high] = [graph.scalar(attributes.low), graph.scalar(attributes.high)];
  const between = (): string => graph.op("And", [graph.op("Greater", [x, low]), graph.op("Less", [x, high])]);
  return { y: graph.op("Clip", [x, low, high]), gradient: (dy) => graph.op("Where", [between(), dy, graph.scalar(0)]) };
});

export const logSoftmax = emitter<unknown>(({ graph, inputs, shape }) => {
  const axis = axisInOnnx(-1, shape);
  const y = graph.op("LogSoftmax", [inputs[0]!], { axis });
  const sum = (dy: string): string => graph.op("ReduceSum", [dy, graph.integers(axis)], { keepdims: 1 });
  return { y, gradient: (dy) => graph.op("Sub", [dy, graph.op("Mul", [graph.op("Exp", [y]), sum(dy)])]) };
});

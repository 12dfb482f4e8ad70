import type { EmitCall } from "../emitter.js";
import { float } from "../onnx-file.js";
import type { OnnxGraph } from "../onnx-graph.js";
import { FLOOR } from "../names.js";
import { inOnnx } from "./layout.js";

type Place = Pick<EmitCall<unknown>, "graph" | "shape" | "apart">;

/** Linear between zero and its maximum. */
export interface Relu {
  readonly maximum: number;
}

export const rectified = ({ graph, attributes: { maximum }, inputs }: EmitCall<Relu>): string =>
  maximum === Infinity ? graph.op("Relu", [inputs[0]!]) : graph.op("Clip", [inputs[0]!, graph.scalar(0), graph.scalar(maximum)]);

/** 2^126: times any normal number it is 1 or more. */
const STEEP = 2 ** 126;
/** Such that 6·2^100 and the like are exact. */
const STEEP_BELOW = 2 ** 100;

/** 1 where 0 < y < maximum, else 0. A hard sigmoid as steep as a step is the one mask that stays in onnxruntime's layout of blocked channels. */
function steep(graph: OnnxGraph, y: string, maximum: number): string {
  const above = graph.op("HardSigmoid", [y], { alpha: float(STEEP), beta: float(0) });
  if (maximum === Infinity) return above;
  const below = graph.op("HardSigmoid", [y], { alpha: float(-STEEP_BELOW), beta: float(maximum * STEEP_BELOW) });
  return graph.op("Mul", [above, below]);
}

/** The same as truths, which take an eighth of a byte where they are kept. */
function truths({ graph, shape }: Pick<EmitCall<unknown>, "graph" | "shape">, y: string, maximum: number): string {
  const above = graph.op("Greater", [y, graph.scalar(0)]);
  const open = maximum === Infinity ? above : graph.op("And", [above, graph.op("Less", [y, graph.scalar(maximum)])]);
  return graph.typed(open, inOnnx(shape), "truth");
}

/** How the gradient passes a ReLU with output `y`: rules/ in ONNX. */
export function pass(call: Place & Pick<EmitCall<unknown>, "rule">, y: string, maximum: number): (dy: string) => string {
  if (call.rule === "deconvnet") return (dy) => arriving(call, dy);
  const through = derivative(call, y, maximum);
  return (dy) => through(arriving(call, dy));
}

/** What a rule makes of the gradient that arrives at a ReLU. */
export function arriving({ graph, rule }: Pick<EmitCall<unknown>, "graph" | "rule">, dy: string): string {
  if (rule === "deconvnet") return graph.op("Relu", [dy]);
  return rule === "floored" ? graph.op("Clip", [dy, FLOOR]) : dy;
}

/** Where a ReLU with output `y` has the derivative 1 the gradient passes. */
export function derivative(call: Place, y: string, maximum: number): (dy: string) => string {
  const { graph, shape, apart } = call;
  const where = (dy: string, open: string): string => graph.op("Where", [open, dy, graph.scalar(0)]);
  if (apart) {
    const open = truths(call, y, maximum);
    return (dy) => where(dy, open);
  }
  if (shape.length === 1) return (dy) => where(dy, truths(call, y, maximum));
  return (dy) => graph.op("Mul", [dy, steep(graph, y, maximum)]);
}

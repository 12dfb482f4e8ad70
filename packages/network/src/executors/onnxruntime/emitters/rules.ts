import type { GradientRule } from "@assay/core/plugin";
import type { Shape } from "../../../ops/operation.js";
import { float } from "../onnx-file.js";
import type { OnnxGraph } from "../onnx-graph.js";

/** 2^126: times any normal number it is 1 or more. */
const STEEP = 2 ** 126;
/** Such that 6·2^100 and the like are exact. */
const STEEP_BELOW = 2 ** 100;

/** 1 where 0 < y < maximum, else 0. A hard sigmoid as steep as a step is the one mask that stays in onnxruntime's layout of blocked channels. */
function open(graph: OnnxGraph, y: string, maximum: number): string {
  const above = graph.op("HardSigmoid", [y], { alpha: float(STEEP), beta: float(0) });
  if (maximum === Infinity) return above;
  const below = graph.op("HardSigmoid", [y], { alpha: float(-STEEP_BELOW), beta: float(maximum * STEEP_BELOW) });
  return graph.op("Mul", [above, below]);
}

/** How the gradient passes a ReLU with output `y` of a shape: rules/ in ONNX. */
export function pass(graph: OnnxGraph, rule: GradientRule, dy: string, y: string, shape: Shape, maximum: number): string {
  if (rule === "deconvnet") return graph.op("Relu", [dy]);
  const arriving = rule === "guided" ? graph.op("Relu", [dy]) : dy;
  if (shape.length === 1 && maximum === Infinity) {
    const zero = graph.scalar(0);
    return graph.op("Where", [graph.typed(graph.op("Greater", [y, zero]), shape, true), arriving, zero]);
  }
  return graph.op("Mul", [arriving, open(graph, y, maximum)]);
}

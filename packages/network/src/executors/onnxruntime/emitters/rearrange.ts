import type { Rearrange } from "../../../ops/rearrange.js";
import { present, type Shape } from "../../../ops/operation.js";
import { emitter } from "../emitter.js";
import type { OnnxGraph } from "../onnx-graph.js";

const behindBatch = (axes: readonly number[]): number[] => [0, ...axes.map((axis) => axis + 1)];

/** Planes lie with their channels first; numbers are counted with them last. */
const rows = (graph: OnnxGraph, value: string, shape: Shape): string =>
  shape.length === 3 ? graph.op("Transpose", [value], { perm: [0, 2, 3, 1] }) : value;

const planes = (graph: OnnxGraph, value: string, shape: Shape): string =>
  shape.length === 3 ? graph.op("Transpose", [value], { perm: [0, 3, 1, 2] }) : value;

export const rearrange = emitter<Rearrange>(({ graph, attributes, inputs, inputShapes }) => {
  const { split, order, shape } = attributes;
  const input = present(inputShapes[0], "input shape");
  const reshape = (value: string, sizes: Shape): string => graph.op("Reshape", [value, graph.integers(0, ...sizes)]);
  const moved = order.map((axis) => split[axis] ?? 1);
  const back = order.map((_, axis) => order.indexOf(axis));
  const move = (value: string, axes: readonly number[]): string => graph.op("Transpose", [value], { perm: behindBatch(axes) });
  return {
    y: planes(graph, reshape(move(reshape(rows(graph, inputs[0]!, input), split), order), shape), shape),
    gradient: (dy) => planes(graph, reshape(move(reshape(rows(graph, dy, shape), moved), back), input), input),
  };
});

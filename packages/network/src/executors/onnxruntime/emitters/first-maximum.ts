import type { OnnxGraph } from "../onnx-graph.js";
import type { Counts, Layout } from "./pool-layout.js";
import type { Move, Places } from "./pool-places.js";

interface FirstMaximum {
  readonly y: string;
  readonly gradient: (dy: string) => readonly [outer: string, inner: string];
}

/** `edge`: what is put there. */
export function moved(graph: OnnxGraph, layout: Layout, value: string, axis: 0 | 1, [begin, end]: Move, edge: string): string {
  if (begin === 0 && end === 0) return value;
  return graph.op("Pad", [value, graph.integers(...layout.pads(axis, begin, end)), edge]);
}

/** The maximum along an axis of the cells of each window, from the rows (or columns) at its two places; the gradient goes to the first that has it. */
export function firstMaximum(
  graph: OnnxGraph,
  layout: Layout,
  [outer, inner]: readonly [string, string],
  { first, third }: Places,
  axis: 0 | 1,
  counts: Counts,
): FirstMaximum {
  const zero = graph.scalar(0);
  const cell = (move: Move): string => moved(graph, layout, outer, axis, move, graph.scalar(-Infinity));
  const back = (dy: string, [begin, end]: Move): string => moved(graph, layout, dy, axis, [-begin, -end], zero);
  const notLess = (left: string, right: string): string =>
    graph.typed(graph.op("GreaterOrEqual", [left, right]), layout.shape(counts), "truth");
  const halves = (where: string, dy: string): [string, string] => {
    const own = graph.op("Where", [where, dy, zero]);
    return [own, graph.op("Sub", [dy, own])];
  };
  const one = cell(first);
  const isOne = notLess(one, inner);
  const two = graph.op("Max", [one, inner]);
  const ofTwo = (dy: string): [string, string] => {
    const [ofOne, ofInner] = halves(isOne, dy);
    return [back(ofOne, first), ofInner];
  };
  if (!third) return { y: two, gradient: ofTwo };
  const three = cell(third);
  const notThree = notLess(two, three);
  return {
    y: graph.op("Max", [two, three]),
    gradient: (dy) => {
      const [upToTwo, ofThree] = halves(notThree, dy);
      const [ofOne, ofInner] = ofTwo(upToTwo);
      return [graph.op("Add", [ofOne, back(ofThree, third)]), ofInner];
    },
  };
}

import { ancestors, descendants, type Graph } from "../../graph/graph.js";
import type { Shape } from "../../ops/operation.js";
import type { Emitted, ProgramRule } from "./emitter.js";
import { inOnnx } from "./emitters/layout.js";
import { joinsChannels } from "./emitters/simple.js";
import { DY, FLOOR, FORWARD, outputName, RESULT, X } from "./names.js";
import { OnnxGraph, type Halves } from "./onnx-graph.js";
import { shapeOf, units, type Source } from "./units.js";

/** A graph that gives the outputs of nodes, as `output0`, `output1`, …, from the input or from the upper end of a way. */
export function outputProgram(source: Source, from: string, nodes: readonly string[]): OnnxGraph {
  const { graph } = source;
  const onnx = new OnnxGraph();
  const needed = new Set(nodes.flatMap((node) => [...ancestors(graph, node)]));
  const ahead = descendants(graph, from);
  const values = new Map([[from, begin(onnx, shapeOf(graph, from), from !== graph.input)]]);
  const steps = source.steps.filter(({ output }) => output !== from && needed.has(output) && ahead.has(output));
  for (const unit of units({ ...source, steps }, onnx, (name) => !nodes.includes(name), {})) values.set(unit.output, unit.emit(values).y);
  nodes.forEach((node, i) => end(onnx, outputName(i), values.get(node)!, shapeOf(graph, node)));
  return onnx;
}

/**
 * A graph that gives v·logits differentiated at the output of node `to`: forward from `from`, and back on the way between `to` and the logits.
 * `from` is the input, or `to` itself where all that the logits see comes through it. The outputs of nodes `besides` are given out too, as
 * `output0`, `output1`, …, except where a convolution is written as one with its pool.
 */
export function gradientProgram(source: Source, from: string, to: string, rule: ProgramRule, besides: readonly string[] = []): OnnxGraph {
  return differentiated(source, { from, to, of: source.graph.output, rule, besides }).onnx;
}

/** The same above the upper end of a way. */
export function topProgram(source: Source, from: string, rule: ProgramRule, besides: readonly string[]): OnnxGraph {
  return differentiated(source, { from, to: from, of: source.graph.output, rule, below: true, besides }).onnx;
}

/**
 * The way between two nodes that all that the logits see comes through, as two graphs: forward, which gives the output of `to` and what the
 * way back wants to know; and back, from the gradient at `to` to the one at `from`. Undefined where an operation on the way keeps too much.
 */
export function segmentPrograms(source: Source, from: string, to: string, rule: ProgramRule): Halves | undefined {
  const below = from !== source.graph.input;
  const { onnx, value } = differentiated(source, { from, to: from, of: to, rule, below, apart: true });
  end(onnx, FORWARD, value, shapeOf(source.graph, to), true);
  return onnx.halves([DY, FLOOR], FORWARD);
}

interface Derivative {
  readonly from: string;
  readonly to: string;
  readonly of: string;
  readonly rule: ProgramRule;
  /** `from` is the upper end of a way */
  readonly below?: boolean;
  readonly apart?: boolean;
  readonly besides?: readonly string[];
}

/** v·(the output of a node), differentiated at another's output; and the name of that value itself. */
function differentiated(
  source: Source,
  { from, to, of, rule, below = false, apart = false, besides = [] }: Derivative,
): { readonly onnx: OnnxGraph; readonly value: string } {
  const { graph } = source;
  const onnx = new OnnxGraph();
  const under = ancestors(graph, of);
  const path = descendants(graph, to);
  const values = new Map([[from, begin(onnx, shapeOf(graph, from), below)]]);
  const ahead = descendants(graph, from);
  const all = units(
    { ...source, steps: source.steps.filter(({ output }) => output !== from && ahead.has(output) && under.has(output)) },
    onnx,
    (name) => path.has(name) && name !== to,
    { rule, apart },
  );
  const emitted = all.map((unit) => {
    const own = unit.emit(values);
    values.set(unit.output, own.y);
    return { unit, own };
  });
  const shares = sharesOf(graph);
  if (rule === "floored") onnx.input(FLOOR, []);
  const dy = onnx.input(DY, ["n", ...inOnnx(shapeOf(graph, of))]);
  const gradients = new Map([[of, inShares(onnx, dy, shares(of))]]);
  const join = (parts: readonly string[]): string => (parts.length === 1 ? parts[0]! : onnx.op("Concat", parts, { axis: 1 }));
  for (const { unit, own } of emitted.reverse()) {
    const dys = gradients.get(unit.output);
    if (!dys || unit.output === to || !path.has(unit.output)) continue;
    unit.inputs.forEach((source, index) => {
      if (!path.has(source)) return;
      const parts = own.joined
        ? dys.slice(sum(unit.inputs.slice(0, index).map((each) => shares(each).length))).slice(0, shares(source).length)
        : gradientParts(onnx, own, dys, shares(source), index, join);
      const before = gradients.get(source);
      gradients.set(source, before ? parts.map((part, i) => onnx.op("Add", [before[i]!, part])) : parts);
    });
  }
  end(onnx, RESULT, join(gradients.get(to)!), shapeOf(graph, to), below);
  besides.forEach((node, i) => {
    const value = values.get(node);
    if (value !== undefined) end(onnx, outputName(i), value, shapeOf(graph, node));
  });
  return { onnx, value: values.get(of)! };
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** The gradient for an input, in the shares that its maker wants it in. */
function gradientParts(
  onnx: OnnxGraph,
  own: Emitted,
  dys: readonly string[],
  channels: readonly number[],
  index: number,
  join: (parts: readonly string[]) => string,
): string[] {
  if (channels.length === 1) return [own.gradient(join(dys), index)];
  const { share } = own;
  const starts = channels.map((_, i) => sum(channels.slice(0, i)));
  if (share) return channels.map((count, i) => share(join(dys), starts[i]!, starts[i]! + count));
  return inShares(onnx, own.gradient(join(dys), index), channels);
}

const inShares = (onnx: OnnxGraph, value: string, channels: readonly number[]): string[] =>
  channels.length === 1 ? [value] : onnx.ops("Split", [value, onnx.integers(...channels)], { axis: 1 }, channels.length);

/** The channels of a node's output by what made them: a concatenation's readers answer for each of its inputs apart, so that nothing is cut up. */
function sharesOf(graph: Graph): (name: string) => readonly number[] {
  const known = new Map<string, readonly number[]>();
  const shares = (name: string): readonly number[] => {
    const found = known.get(name) ?? find(name);
    known.set(name, found);
    return found;
  };
  const find = (name: string): readonly number[] => {
    const { operation, inputs = [], shape = [] } = graph.byName.get(name) ?? {};
    if (operation && joinsChannels(operation, shape)) return inputs.flatMap(shares);
    return [shapeOf(graph, name).at(-1) ?? 1];
  };
  return shares;
}

/** Only the order of axes that are longer than 1 is an order. */
const still = ([h = 1, w = 1, c = 1]: Shape): boolean => c === 1 || h * w === 1;

/** The input. `inside`: planes come from another graph, as they lie in ONNX; else as everywhere, channels last. */
function begin(onnx: OnnxGraph, shape: Shape, inside: boolean): string {
  const x = onnx.input(X, ["n", ...(inside ? inOnnx(shape) : shape)]);
  if (inside || shape.length !== 3) return x;
  return still(shape) ? onnx.op("Reshape", [x, onnx.integers(0, ...inOnnx(shape))]) : onnx.op("Transpose", [x], { perm: [0, 3, 1, 2] });
}

/** An output; `inside` as above. */
function end(onnx: OnnxGraph, name: string, value: string, shape: Shape, inside = false): void {
  const asGiven = (): string => {
    if (inside || shape.length !== 3) return value;
    return still(shape) ? onnx.op("Reshape", [value, onnx.integers(0, ...shape)]) : onnx.op("Transpose", [value], { perm: [0, 2, 3, 1] });
  };
  onnx.output(name, asGiven(), ["n", ...(inside ? inOnnx(shape) : shape)]);
}

import { ancestors, descendants, type Graph, type Node } from "../../graph/graph.js";
import type { Step } from "../../graph/plan.js";
import type { Conv2d } from "../../ops/conv2d.js";
import type { PoolWindow, Shape } from "../../ops/operation.js";
import type { EmitCall, Emitted, ProgramRule } from "./emitter.js";
import { convolutionPool, inPlaces, type PlanePlaces } from "./emitters/convolution-pool.js";
import { emitters } from "./emitters/index.js";
import { inOnnx } from "./emitters/layout.js";
import { isProjection, pooledConvolution } from "./emitters/pooled-convolution.js";
import { reluPool } from "./emitters/relu-pool.js";
import { rectified, type Relu } from "./emitters/rules.js";
import { joinsChannels } from "./emitters/simple.js";
import { DY, FLOOR, FORWARD, outputName, RESULT, X } from "./names.js";
import { OnnxGraph, type Halves } from "./onnx-graph.js";
import type { OperandCell } from "./operand-cell.js";

/** What a program is written from. */
export interface Source {
  readonly graph: Graph;
  readonly steps: readonly Step[];
  readonly cell: (step: Step) => OperandCell;
}

/** Steps that are written as one: one, or a ReLU and the pool behind it, with the convolution before it where it can be. */
interface Unit {
  readonly output: string;
  readonly inputs: readonly string[];
  /** reads values by name, and may add some that lie between its steps */
  readonly emit: (values: Map<string, string>) => Emitted;
}

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

/** How the gradient is wanted, where it is. */
type Asked = Pick<EmitCall<unknown>, "rule" | "apart">;

/** `inner`: whether nobody asks for the output of a node itself. */
function units(source: Source, onnx: OnnxGraph, inner: (name: string) => boolean, asked: Asked): Unit[] {
  const { rule } = asked;
  const byInput = new Map(source.steps.flatMap((step) => step.node.inputs.map((name) => [name, step] as const)));
  const only = (name: string): Step | undefined => {
    const consumers = source.graph.consumers.get(name) ?? [];
    return consumers.length === 1 && name !== source.graph.output ? byInput.get(name) : undefined;
  };
  const taken = new Set<Step>();
  return source.steps.flatMap((step): Unit[] => {
    if (taken.has(step)) return [];
    const call = (own: Step, values: ReadonlyMap<string, string>): EmitCall<never> =>
      callOf(source, own, onnx, values, asked) as EmitCall<never>;
    const behind = rule && inner(step.output) ? poolBehind(source, step, only, inner) : undefined;
    if (rule && behind) {
      const { relu, pool, places } = behind;
      taken.add(relu).add(pool);
      return [{ output: pool.output, inputs: step.node.inputs, emit: (values) => convolutionPool(call(step, values), rule, places) }];
    }
    const reader = inner(step.output) ? only(step.output) : undefined;
    if (reader && projects(source, step, reader)) {
      taken.add(reader);
      const emit = (values: Map<string, string>): Emitted => pooledConvolution(call(step, values), call(reader, values));
      return [{ output: reader.output, inputs: step.node.inputs, emit }];
    }
    if (rule && rule !== "deconvnet" && step.node.operation.kind === "relu" && reader?.node.operation.kind === "max-pool") {
      taken.add(reader);
      const emit = (values: Map<string, string>): Emitted => {
        const relu = call(step, values) as EmitCall<Relu>;
        values.set(step.output, rectified(relu));
        return reluPool(call(reader, values), relu.attributes.maximum);
      };
      return [{ output: reader.output, inputs: step.node.inputs, emit }];
    }
    return [single(source, step, onnx, asked)];
  });
}

/** Whether a step is an average pool that is better run behind the convolution which alone reads it. */
function projects({ graph }: Source, { node: { operation } }: Step, { node }: Step): boolean {
  if (operation.kind !== "average-pool" || node.operation.kind !== "conv2d") return false;
  return isProjection(node.operation.attributes as Conv2d, inputShapes(graph, node)[0]!, node.shape);
}

/** The plain ReLU and the pool that alone read a convolution, if the three can be run in the places of the pool's windows. */
function poolBehind(
  { graph }: Source,
  { node, output }: Step,
  only: (name: string) => Step | undefined,
  inner: (name: string) => boolean,
): { readonly relu: Step; readonly pool: Step; readonly places: PlanePlaces } | undefined {
  if (node.operation.kind !== "conv2d") return undefined;
  const relu = only(output);
  const { kind, attributes } = relu?.node.operation ?? {};
  if (!relu || kind !== "relu" || (attributes as Relu).maximum !== Infinity || !inner(relu.output)) return undefined;
  const pool = only(relu.output);
  if (pool?.node.operation.kind !== "max-pool") return undefined;
  const places = inPlaces(node.operation.attributes as Conv2d, pool.node.operation.attributes as PoolWindow, inputShapes(graph, node)[0]!);
  return places && { relu, pool, places };
}

const single = (source: Source, step: Step, onnx: OnnxGraph, asked: Asked = {}): Unit => ({
  output: step.output,
  inputs: step.node.inputs,
  emit: (values) => emitters[step.node.operation.kind]!(callOf(source, step, onnx, values, asked)),
});

function callOf(
  { graph, cell }: Source,
  step: Step,
  onnx: OnnxGraph,
  values: ReadonlyMap<string, string>,
  asked: Asked,
): EmitCall<unknown> {
  const { node } = step;
  const own = cell(step);
  return {
    graph: onnx,
    attributes: node.operation.attributes,
    inputs: node.inputs.map((name) => values.get(name)!),
    inputShapes: inputShapes(graph, node),
    shape: node.shape,
    operands: own.operands,
    ...asked,
    arranged: (array, how) => own.arranged(array, how),
  };
}

const shapeOf = (graph: Graph, name: string): Shape => graph.byName.get(name)?.shape ?? graph.inputShape;
const inputShapes = (graph: Graph, node: Node): Shape[] => node.inputs.map((name) => shapeOf(graph, name));

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

import type { GradientRule } from "@assay/core/plugin";
import { ancestors, descendants, type Graph, type Node } from "../../graph/graph.js";
import type { Step } from "../../graph/plan.js";
import type { Conv2d } from "../../ops/conv2d.js";
import type { PoolWindow, Shape } from "../../ops/operation.js";
import type { EmitCall, Emitted } from "./emitter.js";
import { convolutionPool, inPlaces } from "./emitters/convolution-pool.js";
import { emitters } from "./emitters/index.js";
import { OnnxGraph } from "./onnx-graph.js";
import type { OperandCell } from "./operand-cell.js";

export const X = "x";
export const DY = "dy";
export const RESULT = "result";

/** What a program is written from. */
export interface Source {
  readonly graph: Graph;
  readonly steps: readonly Step[];
  readonly cell: (step: Step) => OperandCell;
}

/** Steps that are written as one: one, or a convolution with the ReLU and the pool behind it. */
interface Unit {
  readonly output: string;
  readonly inputs: readonly string[];
  readonly emit: (values: ReadonlyMap<string, string>) => Emitted;
}

/** A graph that gives the output of a node. */
export function outputProgram(source: Source, node: string): OnnxGraph {
  const onnx = new OnnxGraph();
  const needed = ancestors(source.graph, node);
  const values = begin(onnx, source.graph);
  for (const unit of source.steps.filter(({ output }) => needed.has(output)).map((step) => single(source, step, onnx)))
    values.set(unit.output, unit.emit(values).y);
  end(onnx, values.get(node)!, shapeOf(source.graph, node));
  return onnx;
}

/** A graph that gives v·logits differentiated at the output of node `to`: forward, and back on the way between the two. */
export function gradientProgram(source: Source, to: string, rule: GradientRule): OnnxGraph {
  const { graph } = source;
  const onnx = new OnnxGraph();
  const under = ancestors(graph, graph.output);
  const path = descendants(graph, to);
  const values = begin(onnx, graph);
  const all = units(
    { ...source, steps: source.steps.filter(({ output }) => under.has(output)) },
    onnx,
    (name) => path.has(name) && name !== to,
    rule,
  );
  const emitted = all.map((unit) => {
    const own = unit.emit(values);
    values.set(unit.output, own.y);
    return { unit, own };
  });
  const classes = shapeOf(graph, graph.output)[0] ?? 0;
  const gradients = new Map([[graph.output, onnx.input(DY, ["n", classes])]]);
  for (const { unit, own: emittedUnit } of emitted.reverse()) {
    const { output, inputs } = unit;
    const dy = gradients.get(output);
    if (dy === undefined || output === to || !path.has(output)) continue;
    inputs.forEach((source, index) => {
      if (!path.has(source)) return;
      const own = emittedUnit.gradient(dy, index);
      const before = gradients.get(source);
      gradients.set(source, before === undefined ? own : onnx.op("Add", [before, own]));
    });
  }
  end(onnx, gradients.get(to)!, shapeOf(graph, to));
  return onnx;
}

function units(source: Source, onnx: OnnxGraph, inner: (name: string) => boolean, rule: GradientRule): Unit[] {
  const byInput = new Map(source.steps.flatMap((step) => step.node.inputs.map((name) => [name, step] as const)));
  const only = (name: string): Step | undefined => {
    const consumers = source.graph.consumers.get(name) ?? [];
    return consumers.length === 1 && name !== source.graph.output ? byInput.get(name) : undefined;
  };
  const taken = new Set<Step>();
  return source.steps.flatMap((step): Unit[] => {
    if (taken.has(step)) return [];
    const [relu, pool] = poolBehind(step, only);
    if (!relu || !pool || !inner(step.output) || !inner(relu.output)) return [single(source, step, onnx, rule)];
    if (
      !inPlaces(
        step.node.operation.attributes as Conv2d,
        pool.node.operation.attributes as PoolWindow,
        inputShapes(source.graph, step.node)[0]!,
      )
    )
      return [single(source, step, onnx, rule)];
    taken.add(relu).add(pool);
    const emit = (values: ReadonlyMap<string, string>): Emitted =>
      convolutionPool(callOf(source, step, onnx, values, rule) as EmitCall<Conv2d>, rule);
    return [{ output: pool.output, inputs: step.node.inputs, emit }];
  });
}

/** The plain ReLU and the pool that alone read a convolution. */
function poolBehind(step: Step, only: (name: string) => Step | undefined): [relu?: Step, pool?: Step] {
  if (step.node.operation.kind !== "conv2d") return [];
  const relu = only(step.output);
  const { kind, attributes } = relu?.node.operation ?? {};
  if (!relu || kind !== "relu" || (attributes as { readonly maximum: number }).maximum !== Infinity) return [];
  const pool = only(relu.output);
  return pool?.node.operation.kind === "max-pool" ? [relu, pool] : [];
}

const single = (source: Source, step: Step, onnx: OnnxGraph, rule?: GradientRule): Unit => ({
  output: step.output,
  inputs: step.node.inputs,
  emit: (values) => emitters[step.node.operation.kind]!(callOf(source, step, onnx, values, rule)),
});

function callOf(
  { graph, cell }: Source,
  step: Step,
  onnx: OnnxGraph,
  values: ReadonlyMap<string, string>,
  rule: GradientRule | undefined,
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
    ...(rule && { rule }),
    arranged: (array, how) => own.arranged(array, how),
  };
}

const shapeOf = (graph: Graph, name: string): Shape => graph.byName.get(name)?.shape ?? graph.inputShape;
const inputShapes = (graph: Graph, node: Node): Shape[] => node.inputs.map((name) => shapeOf(graph, name));

/** Only the order of axes that are longer than 1 is an order. */
const still = ([h = 1, w = 1, c = 1]: Shape): boolean => c === 1 || h * w === 1;

function begin(onnx: OnnxGraph, { input, inputShape }: Graph): Map<string, string> {
  const [h, w, c] = inputShape;
  const x = onnx.input(X, ["n", h, w, c]);
  const planes = still(inputShape) ? onnx.op("Reshape", [x, onnx.integers(0, c, h, w)]) : onnx.op("Transpose", [x], { perm: [0, 3, 1, 2] });
  return new Map([[input, planes]]);
}

function end(onnx: OnnxGraph, value: string, shape: Shape): void {
  const asGiven = (): string => {
    if (shape.length !== 3) return value;
    return still(shape) ? onnx.op("Reshape", [value, onnx.integers(0, ...shape)]) : onnx.op("Transpose", [value], { perm: [0, 2, 3, 1] });
  };
  onnx.output(RESULT, asGiven(), ["n", ...shape]);
}

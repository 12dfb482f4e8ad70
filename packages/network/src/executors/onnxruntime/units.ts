import type { Graph, Node } from "../../graph/graph.js";
import type { Step } from "../../graph/plan.js";
import type { Conv2d } from "../../ops/conv2d.js";
import type { PoolWindow, Shape } from "../../ops/operation.js";
import type { EmitCall, Emitted } from "./emitter.js";
import { convolutionPool, inPlaces, type PlanePlaces } from "./emitters/convolution-pool.js";
import { emitters } from "./emitters/index.js";
import { isProjection, pooledConvolution } from "./emitters/pooled-convolution.js";
import { reluPool } from "./emitters/relu-pool.js";
import { rectified, type Relu } from "./emitters/rules.js";
import type { OnnxGraph } from "./onnx-graph.js";
import type { OperandCell } from "./operand-cell.js";

/** What a program is written from. */
export interface Source {
  readonly graph: Graph;
  readonly steps: readonly Step[];
  readonly cell: (step: Step) => OperandCell;
}

/** Steps that are written as one: one; a ReLU and the pool behind it, with the convolution before it where it can be; a pool and the projection behind it. */
export interface Unit {
  readonly output: string;
  readonly inputs: readonly string[];
  /** reads values by name, and may add some that lie between its steps */
  readonly emit: (values: Map<string, string>) => Emitted;
}

/** How the gradient is wanted, where it is. */
type Asked = Pick<EmitCall<unknown>, "rule" | "apart">;

/** `inner`: whether nobody asks for the output of a node itself. */
export function units(source: Source, onnx: OnnxGraph, inner: (name: string) => boolean, asked: Asked): Unit[] {
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

export const shapeOf = (graph: Graph, name: string): Shape => graph.byName.get(name)?.shape ?? graph.inputShape;
const inputShapes = (graph: Graph, node: Node): Shape[] => node.inputs.map((name) => shapeOf(graph, name));

import type { GradientRule } from "@assay/core/plugin";
import type { HostArray, HostArrays, Shape } from "../../ops/operation.js";
import type { Arrangement } from "./arrangement.js";
import type { OnnxGraph } from "./onnx-graph.js";

/** Names of values in an ONNX graph: planes lie as `[n, c, h, w]` there, vectors as `[n, units]`; shapes here are `[h, w, c]` as everywhere. */
export interface EmitCall<Attributes> {
  readonly graph: OnnxGraph;
  readonly attributes: Attributes;
  readonly inputs: readonly string[];
  readonly inputShapes: readonly Shape[];
  readonly shape: Shape;
  readonly operands: HostArrays;
  /** absent where no gradient is asked */
  readonly rule?: GradientRule;
  /** An operand in the arrangement that a node wants, made once for each weight set. */
  readonly arranged: (array: HostArray, how: Arrangement) => HostArray;
}

/** What an operation became: its output, and how its gradient for one of its inputs is written. */
export interface Emitted {
  readonly y: string;
  gradient(dy: string, index: number): string;
}

export type Emitter = (call: EmitCall<unknown>) => Emitted;

/** An emitter for an operation whose attributes are known. */
export const emitter = <Attributes>(emit: (call: EmitCall<Attributes>) => Emitted): Emitter => emit as Emitter;

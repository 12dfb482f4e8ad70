import type { HostArray, HostArrays, Shape } from "../../ops/operation.js";
import type { Arranged, Arrangement } from "./arrangement.js";
import type { OnnxGraph } from "./onnx-graph.js";

/**
 * How a graph passes ReLUs. `standard`: where the derivative is 1. `floored`: there, and not less than `FLOOR`, an input: that is 0 for guided
 * backpropagation, and −∞ for the gradient, so that one session serves both.
 */
export type ProgramRule = "standard" | "floored" | "deconvnet";

/** Names of values in an ONNX graph: planes lie as `[n, c, h, w]` there, vectors as `[n, units]`; shapes here are `[h, w, c]` as everywhere. */
export interface EmitCall<Attributes> {
  readonly graph: OnnxGraph;
  readonly attributes: Attributes;
  readonly inputs: readonly string[];
  readonly inputShapes: readonly Shape[];
  readonly shape: Shape;
  readonly operands: HostArrays;
  /** absent where no gradient is asked */
  readonly rule?: ProgramRule;
  /** Forward and back become two graphs: what one hands to the other is small and of a known type. */
  readonly apart?: boolean;
  /** An operand in the arrangement that a node wants. */
  readonly arranged: (array: HostArray, how: Arrangement) => Arranged;
}

/** What an operation became: its output, and how its gradient for one of its inputs is written. */
export interface Emitted {
  readonly y: string;
  gradient(dy: string, index: number): string;
  /** The gradient for the input's channels from … to − 1 alone. */
  readonly share?: (dy: string, from: number, to: number) => string;
  /** joins the channels of its inputs, and each gets its own gradient back as it came */
  readonly joined?: true;
}

export type Emitter = (call: EmitCall<unknown>) => Emitted;

/** An emitter for an operation whose attributes are known. */
export const emitter = <Attributes>(emit: (call: EmitCall<Attributes>) => Emitted): Emitter => emit as Emitter;

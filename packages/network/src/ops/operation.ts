import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Rule } from "../rules/rule.js";

/** A shape without the batch. */
export type Shape = readonly number[];

/** An array in host memory; weights live here, and a backend holds copies of what its operations read. */
export interface HostArray {
  readonly shape: Shape;
  readonly values: Float32Array;
}

export type HostArrays = Readonly<Record<string, HostArray>>;
export type Operands = Readonly<Record<string, Tensor>>;
export type Pair = readonly [rows: number, columns: number];
/** Cells of padding on each side of the plane. */
export type Sides = readonly [rows: readonly [top: number, bottom: number], columns: readonly [left: number, right: number]];
/** `same` pads the odd cell behind. What lies in the padding: zeros for a convolution, nothing for a pool. */
export type Padding = "same" | "valid" | Sides;

/** Where a window lies: of a convolution or of a pool. */
export interface Window {
  readonly strides: Pair;
  readonly padding: Padding;
  readonly dilations: Pair;
}

export interface PoolWindow {
  readonly size: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
}

/** A pool whose padding the backends know by name. */
export type NamedPool = PoolWindow & { readonly padding: "same" | "valid" };

/** The sums that backends do differently. One implementation a folder of `executors/`; shapes are with the batch. */
export interface Kernels {
  convolution(x: Tensor4D, kernel: Tensor4D, window: Window): Tensor4D;
  depthwise(x: Tensor4D, kernel: Tensor4D, window: Window): Tensor4D;
  convolutionGradient(dy: Tensor4D, kernel: Tensor4D, inputShape: Shape, window: Window): Tensor4D;
  depthwiseGradient(dy: Tensor4D, kernel: Tensor4D, inputShape: Shape, window: Window): Tensor4D;
  /** The first maximum of a window in row-major order gets its gradient. */
  maxPoolGradient(dy: Tensor4D, x: Tensor4D, y: Tensor4D, window: NamedPool): Tensor4D;
  /** A window's gradient is divided by its number of real cells. */
  averagePoolGradient(dy: Tensor4D, inputShape: Shape, window: NamedPool): Tensor4D;
  /** dy where 0 < y < maximum, else 0 */
  reluGradient(dy: Tensor, y: Tensor, maximum: number): Tensor;
  /** dy·kernelᵀ */
  denseGradient(dy: Tensor2D, kernel: Tensor2D): Tensor2D;
  addBias(x: Tensor, bias: Tensor): Tensor;
}

export interface GradientCall {
  readonly dy: Tensor;
  /** which of the inputs the gradient is for */
  readonly index: number;
  /** shapes with the batch */
  readonly inputShapes: readonly Shape[];
  /** The first input; there only if the operation `reads` it. */
  readonly x?: Tensor;
  /** All inputs; there only if the operation `reads` x. */
  readonly xs?: readonly Tensor[];
  /** The output; there only if the operation `reads` it. */
  readonly y?: Tensor;
  readonly operands: Operands;
  readonly kernels: Kernels;
  readonly rule: Rule;
}

/** One kind of node, bound to its attributes. Shapes are without the batch unless said otherwise. */
export interface Operation {
  readonly kind: string;
  /** what distinguishes it from others of its kind */
  readonly attributes?: unknown;
  /** Which forward values the input gradient needs; all others are released on the way. */
  readonly reads: readonly ("x" | "y")[];
  /** Throws an Error with one phrase where the inputs do not fit. */
  shape(inputs: readonly Shape[]): Shape;
  /** Shapes of the weights that the model file holds. */
  parameters?(inputs: readonly Shape[]): Readonly<Record<string, Shape>>;
  /** What forward and gradient read, made from the file's weights. Default: these weights. */
  operands?(weights: HostArrays): HostArrays;
  /** The operands of this operation with `y·scale + shift` (a channel each) behind it. */
  fold?(operands: HostArrays, affine: HostArrays): HostArrays;
  forward(inputs: readonly Tensor[], operands: Operands, kernels: Kernels): Tensor;
  gradient(call: GradientCall): Tensor;
}

/** A forward value that the operation declared in `reads`, or an operand. */
export function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} was not kept`);
  return value;
}

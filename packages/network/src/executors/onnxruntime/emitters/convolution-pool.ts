import type { Conv2d } from "../../../ops/conv2d.js";
import { present, type PoolWindow, type Shape } from "../../../ops/operation.js";
import { forConvolution } from "../arrangement.js";
import type { EmitCall, Emitted, ProgramRule } from "../emitter.js";
import { constants, gradientOfConvolution, turnedPads } from "./convolution.js";
import type { OnnxGraph } from "../onnx-graph.js";
import { arriving } from "./rules.js";
import { sidesOf } from "./sides.js";

/** The places of a 2×2 window, row by row. */
const PLACES = [[0, 0], [0, 1], [1, 0], [1, 1]] as const; // prettier-ignore
/** Up to this many input channels the gradient goes through convolution and pool in one step. */
const FEW = 4;

const is2 = ([rows, columns]: readonly [number, number]): boolean => rows === 2 && columns === 2;

/** Whether convolution, ReLU and pool can be run as four convolutions of stride 2, one for each place of a window. */
export function inPlaces({ size, strides, padding, dilations }: Conv2d, pool: PoolWindow, input: Shape): boolean {
  const { pads, output } = sidesOf(input, size, strides, padding, dilations);
  const single = Math.max(...strides, ...dilations) === 1;
  return (
    single &&
    typeof pool.padding === "string" &&
    is2(pool.size) &&
    is2(pool.strides) &&
    pads.every((side) => side > 0) &&
    output.every((length) => length % 2 === 0)
  );
}

/**
 * Convolution, ReLU and 2×2 max pool as one: the four cells of each window come as four planes, so that their maximum and where it lies are plain
 * comparisons. The gradient passes the ReLU at the pool's size: the same, since the first maximum of a window has the window's sign.
 */
export function convolutionPool(call: EmitCall<Conv2d>, rule: ProgramRule): Emitted {
  const { graph, attributes, inputs, inputShapes, operands, arranged } = call;
  const { size, strides, padding, dilations } = attributes;
  const input = present(inputShapes[0], "input shape");
  const { pads, output } = sidesOf(input, size, strides, padding, dilations);
  const own = constants(call, arranged(present(operands["kernel"], "kernel"), forConvolution));
  const at = PLACES.map(([down, right]) => {
    const moved = [pads[0] - down, pads[1] - right, pads[2] - 1 + down, pads[3] - 1 + right];
    return { kernel_shape: size, strides: [2, 2], pads: moved };
  });
  const [rows, columns] = [output[0] / 2, output[1] / 2];
  const channels = call.shape[2] ?? 1;
  const few = (input[2] ?? 1) <= FEW;
  const layout = few ? planes(channels, rows, columns) : pixels(graph, channels, rows, columns);
  const cells = at.map((place) => {
    const cell = layout.from(graph.op("Conv", [inputs[0]!, ...own], place));
    // Where nothing in a window is positive a deconvolutional network asks for the first of its zeros.
    return rule === "deconvnet" ? graph.op("Relu", [cell]) : cell;
  });
  const [a = "", b = "", c = "", d = ""] = cells;
  const [top, bottom] = [graph.op("Max", [a, b]), graph.op("Max", [c, d])];
  const y = graph.op("Relu", [graph.op("Max", [top, bottom])]);
  const zero = graph.scalar(0);
  const truth = (name: string): string => graph.typed(name, layout.shape, "truth");
  const notLess = (left: string, right: string): string => truth(graph.op("GreaterOrEqual", [left, right]));
  const [upper, before, beforeBelow] = [notLess(top, bottom), notLess(a, b), notLess(c, d)];
  const open = rule === "deconvnet" ? undefined : truth(graph.op("Greater", [y, zero]));
  const halves = (first: string, dy: string): [string, string] => {
    const own = graph.op("Where", [first, dy, zero]);
    return [own, graph.op("Sub", [dy, own])];
  };
  return {
    y: layout.to(y),
    gradient: (given) => {
      const passed = arriving(call, layout.from(given));
      const dy = open === undefined ? passed : graph.op("Where", [open, passed, zero]);
      const [above, below] = halves(upper, dy);
      const parts = [...halves(before, above), ...halves(beforeBelow, below)];
      if (!few) return gradientOfConvolution(call, interleaved(call, parts, [rows, columns]), { beside: true });
      const back = parts.map((part, i) => graph.op("ConvTranspose", [part, own[0]!], at[i]));
      return graph.op("Sum", back);
    },
  };
}

/** How values lie while a window's cells are compared. */
interface Layout {
  /** of one image */
  readonly shape: readonly number[];
  readonly from: (planes: string) => string;
  readonly to: (own: string) => string;
}

const asIs = (name: string): string => name;
const planes = (channels: number, rows: number, columns: number): Layout => ({ shape: [channels, rows, columns], from: asIs, to: asIs });

/** Pixel by pixel: what onnxruntime's blocked channels are put into and taken from without turning, and interleaved in whole runs. */
const pixels = (graph: OnnxGraph, channels: number, rows: number, columns: number): Layout => ({
  shape: [rows * columns, channels],
  from: (planes) =>
    graph.op("Reshape", [graph.op("Transpose", [planes], { perm: [0, 2, 3, 1] }), graph.integers(0, rows * columns, channels)]),
  to: (own) => graph.op("Transpose", [graph.op("Reshape", [own, graph.integers(0, rows, columns, channels)])], { perm: [0, 3, 1, 2] }),
});

/**
 * Four lists of pixels `[n, h·w, c]` as planes `[n, c, 2h, 2w]`, with the columns of zeros beside them that the convolution which comes next would
 * put there itself: it computes the outputs whose windows reach over an edge one by one.
 */
function interleaved(
  { graph, attributes, inputShapes, shape }: EmitCall<Conv2d>,
  parts: readonly string[],
  [h, w]: readonly [number, number],
): string {
  const channels = shape[2] ?? 1;
  const [, left = 0, , right = 0] = turnedPads(present(inputShapes[0], "input shape"), attributes.size, attributes) ?? [];
  const [a, b, c, d] = parts.map((part) => graph.op("Reshape", [part, graph.integers(0, h, w, channels)]));
  const row = (even = "", odd = ""): string =>
    graph.op("Reshape", [graph.op("Concat", [even, odd], { axis: 3 }), graph.integers(0, h, 2 * w * channels)]);
  const [top, bottom] = [row(a, b), row(c, d)];
  const zeros = (columns: number): string[] => {
    const images = graph.op("Shape", [top], { start: 0, end: 1 });
    return columns === 0
      ? []
      : [graph.op("ConstantOfShape", [graph.op("Concat", [images, graph.integers(h, columns * channels)], { axis: 0 })])];
  };
  const rows = [...zeros(left), top, ...zeros(left + right), bottom, ...zeros(right)];
  const pixels = graph.op("Reshape", [graph.op("Concat", rows, { axis: 2 }), graph.integers(0, 2 * h, left + 2 * w + right, channels)]);
  return graph.op("Transpose", [pixels], { perm: [0, 3, 1, 2] });
}

import type { Conv2d } from "../../../ops/conv2d.js";
import { present, type PoolWindow, type Shape } from "../../../ops/operation.js";
import { forConvolution } from "../arrangement.js";
import type { EmitCall, Emitted, ProgramRule } from "../emitter.js";
import { constants, gradientOfConvolution, turnedPads } from "./convolution.js";
import { firstMaximum, moved } from "./first-maximum.js";
import { pixels, planes, type Counts, type Layout } from "./pool-layout.js";
import { placesOf, type Places } from "./pool-places.js";
import { arriving } from "./rules.js";

/** Of rows and of columns. */
export type PlanePlaces = readonly [rows: Places, columns: Places];

/** The place of rows and the place of columns, of the four planes. */
const FOUR = [[0, 0], [0, 1], [1, 0], [1, 1]] as const; // prettier-ignore
/** Up to this many input channels the gradient goes through convolution and pool in one step. */
const FEW = 4;

const fewChannels = ([, , channels = 1]: Shape): boolean => channels <= FEW;

/** The places of a pool's windows, if convolution, ReLU and pool can be run as four convolutions of twice the stride. */
export function inPlaces(convolution: Conv2d, pool: PoolWindow, input: Shape): PlanePlaces | undefined {
  const [rows, columns] = ([0, 1] as const).map((axis) => placesOf(convolution, pool, input, axis));
  if (!rows || !columns) return undefined;
  return fewChannels(input) || besideOf(convolution, input, [rows, columns]) ? [rows, columns] : undefined;
}

/** Zeros around the four planes interleaved, where the convolution with the turned kernel comes next. */
function besideOf(convolution: Conv2d, input: Shape, [rows, columns]: PlanePlaces): readonly number[] | undefined {
  const [top = 0, left = 0, bottom = 0, right = 0] = turnedPads(input, convolution.size, convolution) ?? [-1];
  const pads = [top, left, bottom + rows.rest, right + columns.rest];
  return pads.every((side) => side >= 0) ? pads : undefined;
}

/**
 * Convolution, ReLU and max pool of stride 2 as one: the cells of each window come as four planes, so that their maximum and where it lies are plain
 * comparisons, of the cells of a row first, and of the rows then. The gradient passes the ReLU at the pool's size: the same, since the first maximum
 * of a window has the window's sign.
 */
export function convolutionPool(call: EmitCall<Conv2d>, rule: ProgramRule, [rows, columns]: PlanePlaces): Emitted {
  const { graph, attributes, inputs, inputShapes, operands, arranged } = call;
  const own = constants(call, arranged(present(operands["kernel"], "kernel"), forConvolution));
  const few = fewChannels(present(inputShapes[0], "input shape"));
  const layout = few ? planes(call.shape[2] ?? 1) : pixels(graph, call.shape[2] ?? 1);
  const four = FOUR.map(([r, c]) => {
    const [row, column] = [rows.places[r], columns.places[c]];
    const pads = [row.before, column.before, row.after, column.after];
    return {
      counts: [row.count, column.count] as const,
      window: { kernel_shape: attributes.size, strides: attributes.strides.map((stride) => 2 * stride), pads },
      left: [row.left, column.left],
    };
  });
  const [a = "", b = "", c = "", d = ""] = four.map(({ window, counts }) => {
    const cell = layout.from(graph.op("Conv", [inputs[0]!, ...own], window), counts);
    // Where nothing in a window is positive a deconvolutional network asks for the first of its zeros.
    return rule === "deconvnet" ? graph.op("Relu", [cell]) : cell;
  });
  const counts: Counts = [rows.count, columns.count];
  const [outer, inner] = [
    firstMaximum(graph, layout, [a, b], columns, 1, [rows.places[0].count, columns.count]),
    firstMaximum(graph, layout, [c, d], columns, 1, [rows.places[1].count, columns.count]),
  ];
  const whole = firstMaximum(graph, layout, [outer.y, inner.y], rows, 0, counts);
  const y = graph.op("Relu", [whole.y]);
  const zero = graph.scalar(0);
  // Where windows have cells in common a rule asks for the sum of what arrives at one.
  const overlap = rows.third !== undefined || columns.third !== undefined;
  const open = rule === "deconvnet" ? undefined : graph.typed(graph.op("Greater", [y, zero]), layout.shape(counts), "truth");
  return {
    y: layout.to(y, counts),
    gradient: (given) => {
      const pooled = layout.from(given, counts);
      const apart = overlap ? pooled : arriving(call, pooled);
      const [above, below] = whole.gradient(open === undefined ? apart : graph.op("Where", [open, apart, zero]));
      const cells = [...outer.gradient(above), ...inner.gradient(below)];
      const parts = overlap ? cells.map((cell) => arriving(call, cell)) : cells;
      if (!few) return interleavedBack(call, layout, parts, [rows, columns]);
      const back = parts.map((part, i) => {
        const { window, left } = four[i]!;
        return graph.op("ConvTranspose", [part, own[0]!], { ...window, output_padding: left });
      });
      return graph.op("Sum", back);
    },
  };
}

/**
 * The gradient of the convolution from that of its four planes of pixels. They are interleaved with the columns of zeros beside them that the
 * convolution which comes next would put there itself: it computes the outputs whose windows reach over an edge one by one.
 */
function interleavedBack(call: EmitCall<Conv2d>, layout: Layout, parts: readonly string[], places: PlanePlaces): string {
  const { graph, attributes, inputShapes, shape } = call;
  const channels = shape[2] ?? 1;
  const [top = 0, left = 0, bottom = 0, right = 0] = besideOf(attributes, present(inputShapes[0], "input shape"), places)!;
  const [{ even: evenRow }, { even: evenColumn }] = places;
  const [h, w] = places.map(({ places }) => Math.max(...places.map(({ count }) => count))) as [number, number];
  const zero = graph.scalar(0);
  const row = (r: 0 | 1): string => {
    const [even, odd] = [evenColumn, (1 - evenColumn) as 0 | 1].map((c) => {
      const missing = [h - places[0].places[r].count, w - places[1].places[c].count] as const;
      const longer = moved(graph, layout, parts[2 * r + c]!, 0, [0, missing[0]], zero);
      return moved(graph, layout, longer, 1, [0, missing[1]], zero);
    });
    return graph.op("Reshape", [graph.op("Concat", [even!, odd!], { axis: 3 }), graph.integers(0, h, 2 * w * channels)]);
  };
  const [upper, lower] = [row(evenRow), row((1 - evenRow) as 0 | 1)];
  const zeros = (columns: number): string[] => {
    const images = graph.op("Shape", [upper], { start: 0, end: 1 });
    return columns === 0
      ? []
      : [graph.op("ConstantOfShape", [graph.op("Concat", [images, graph.integers(h, columns * channels)], { axis: 0 })])];
  };
  const rows = [...zeros(left), upper, ...zeros(left + right), lower, ...zeros(right)];
  const joined = graph.op("Reshape", [graph.op("Concat", rows, { axis: 2 }), graph.integers(0, 2 * h, left + 2 * w + right, channels)]);
  return gradientOfConvolution(call, graph.op("Transpose", [joined], { perm: [0, 3, 1, 2] }), { pads: [top, 0, bottom, 0] });
}

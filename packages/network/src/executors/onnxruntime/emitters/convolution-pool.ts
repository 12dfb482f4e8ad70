import type { Conv2d } from "../../../ops/conv2d.js";
import { present, type PoolWindow, type Shape } from "../../../ops/operation.js";
import { forConvolution } from "../arrangement.js";
import type { EmitCall, Emitted, ProgramRule } from "../emitter.js";
import { constants, gradientOfConvolution } from "./convolution.js";
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
  const cells = at.map((place) => {
    const cell = graph.op("Conv", [inputs[0]!, ...own], place);
    // Where nothing in a window is positive a deconvolutional network asks for the first of its zeros.
    return rule === "deconvnet" ? graph.op("Relu", [cell]) : cell;
  });
  const [a = "", b = "", c = "", d = ""] = cells;
  const [top, bottom] = [graph.op("Max", [a, b]), graph.op("Max", [c, d])];
  const y = graph.op("Relu", [graph.op("Max", [top, bottom])]);
  const zero = graph.scalar(0);
  const [rows, columns] = [output[0] / 2, output[1] / 2];
  const truth = (name: string): string => graph.typed(name, [call.shape[2] ?? 1, rows, columns], "truth");
  const notLess = (left: string, right: string): string => truth(graph.op("GreaterOrEqual", [left, right]));
  const [upper, before, beforeBelow] = [notLess(top, bottom), notLess(a, b), notLess(c, d)];
  const open = rule === "deconvnet" ? undefined : truth(graph.op("Greater", [y, zero]));
  const halves = (first: string, dy: string): [string, string] => {
    const own = graph.op("Where", [first, dy, zero]);
    return [own, graph.op("Sub", [dy, own])];
  };
  return {
    y,
    gradient: (given) => {
      const passed = arriving(call, given);
      const dy = open === undefined ? passed : graph.op("Where", [open, passed, zero]);
      const [above, below] = halves(upper, dy);
      const parts = [...halves(before, above), ...halves(beforeBelow, below)];
      if ((input[2] ?? 0) > FEW) return gradientOfConvolution(call, interleaved(call, parts, [rows, columns]));
      const back = parts.map((part, i) => graph.op("ConvTranspose", [part, own[0]!], at[i]));
      return graph.op("Sum", back);
    },
  };
}

/** Four planes `[n, c, h, w]` as one `[n, c, 2h, 2w]`. */
function interleaved({ graph, shape }: EmitCall<Conv2d>, parts: readonly string[], [h, w]: readonly [number, number]): string {
  const channels = shape[2] ?? 1;
  const [a, b, c, d] = parts.map((part) => graph.op("Unsqueeze", [part, graph.integers(4)]));
  const row = (left = "", right = ""): string =>
    graph.op("Reshape", [graph.op("Concat", [left, right], { axis: 4 }), graph.integers(0, channels, h, 1, 2 * w)]);
  return graph.op("Reshape", [graph.op("Concat", [row(a, b), row(c, d)], { axis: 3 }), graph.integers(0, channels, 2 * h, 2 * w)]);
}

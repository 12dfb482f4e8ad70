import { present, type PoolWindow, type Shape } from "../../../ops/operation.js";
import { emitter, type EmitCall, type Emitted } from "../emitter.js";
import { NEAR } from "../bits.js";
import type { OnnxGraph } from "../onnx-graph.js";
import { inOnnx } from "./layout.js";
import { sidesOf, transposed, type Sides } from "./sides.js";

const windowOf = ({ size, strides }: PoolWindow, { pads }: Sides) => ({ kernel_shape: size, strides, pads });

/** onnxruntime's indices name the first maximum of a window, counted through all planes of the batch. */
export function maxPool({ graph, attributes, inputs, inputShapes, shape, rule }: EmitCall<PoolWindow>): Emitted {
  const { size, strides, padding } = attributes;
  const window = windowOf(attributes, sidesOf(present(inputShapes[0], "input shape"), size, strides, padding));
  const x = inputs[0]!;
  if (rule === undefined) return { y: graph.op("MaxPool", [x], window), gradient: noGradient };
  const [y = "", places = ""] = graph.ops("MaxPool", [x], window, 2);
  const planes = inOnnx(present(inputShapes[0], "input shape"));
  // From the first cell of a plane's last window to the last cell of the next plane's first one; a stride of rows may be left over below.
  const farthest = (2 * size[0] + strides[0]) * planes[2]!;
  const indices = farthest < NEAR ? graph.typed(places, inOnnx(shape), "index") : places;
  const disjoint = size.every((length, axis) => length <= strides[axis]!);
  return {
    y,
    gradient: (dy) => {
      const images = graph.op("Shape", [dy], { start: 0, end: 1 });
      const cells = graph.op("Mul", [images, graph.integers(planes.reduce((a, b) => a * b, 1))]);
      const flat = (value: string): string => graph.op("Reshape", [value, graph.integers(-1)]);
      const zeros = graph.op("ConstantOfShape", [cells]);
      const sum = graph.op("ScatterElements", [zeros, flat(indices), flat(dy)], { axis: 0, reduction: disjoint ? "none" : "add" });
      return graph.known(graph.op("Reshape", [sum, graph.integers(-1, ...planes)]), planes);
    },
  };
}

const noGradient = (): never => {
  throw new Error("no gradient was asked of this graph");
};

export const averagePool = emitter<PoolWindow>((call) => {
  const { graph, attributes, inputs, inputShapes } = call;
  const { size, strides, padding } = attributes;
  const input = present(inputShapes[0], "input shape");
  const sides = sidesOf(input, size, strides, padding);
  return {
    y: graph.op("AveragePool", [inputs[0]!], { ...windowOf(attributes, sides), count_include_pad: 0 }),
    gradient: (dy) => spread(call, sides, dy),
  };
});

/** Each cell's share of a window's gradient: dy over the window's number of real cells, summed over the windows on a cell. */
function spread({ graph, attributes, inputShapes }: EmitCall<PoolWindow>, sides: Sides, dy: string): string {
  const { size, strides } = attributes;
  const input = present(inputShapes[0], "input shape");
  const channels = input[2] ?? 1;
  const [rows, columns] = sides.output;
  if (rows * columns === 1 && size[0] === input[0] && size[1] === input[1]) return overPlane(graph, dy, size);
  const real = (axis: 0 | 1, at: number): number => {
    const start = at * strides[axis] - sides.pads[axis];
    return Math.min(start + size[axis], input[axis] ?? 0) - Math.max(start, 0);
  };
  const single = Math.max(...strides) === 1;
  // At stride 1 the sum over windows is a pool again, which divides by a whole window's cells.
  const whole = single ? size[0] * size[1] : 1;
  const shares = Float32Array.from({ length: rows * columns }, (_, i) => whole / (real(0, Math.floor(i / columns)) * real(1, i % columns)));
  const shared = graph.op("Mul", [dy, graph.constant(shares, [1, 1, rows, columns])]);
  if (single) {
    const before = [size[0] - 1 - sides.pads[0], size[1] - 1 - sides.pads[1]];
    const after = ([0, 1] as const).map((axis) => (input[axis] ?? 0) - sides.output[axis] + size[axis] - 1 - before[axis]!);
    return graph.op("AveragePool", [shared], { kernel_shape: size, strides, pads: [...before, ...after], count_include_pad: 1 });
  }
  const ones = graph.constant(new Float32Array(channels * size[0] * size[1]).fill(1), [channels, 1, ...size]);
  return graph.op("ConvTranspose", [shared, ones], { ...transposed(input, sides, size, strides, [1, 1]), group: channels });
}

/** What each cell of a plane gets of the gradient `[n, c, 1, 1]` of its mean. */
const overPlane = (graph: OnnxGraph, dy: string, [h, w]: readonly [number, number]): string =>
  graph.op("Mul", [dy, graph.constant(new Float32Array(h * w).fill(1 / (h * w)), [1, 1, h, w])]);

export const globalAveragePool = emitter<{ readonly keepDimensions: boolean }>(
  ({ graph, attributes, inputs, inputShapes, shape }): Emitted => {
    const [h = 1, w = 1, c = 1]: Shape = present(inputShapes[0], "input shape");
    const mean = graph.op("GlobalAveragePool", [inputs[0]!]);
    return {
      y: attributes.keepDimensions ? mean : graph.op("Reshape", [mean, graph.integers(0, ...shape)]),
      gradient: (dy) => overPlane(graph, graph.op("Reshape", [dy, graph.integers(0, c, 1, 1)]), [h, w]),
    };
  },
);

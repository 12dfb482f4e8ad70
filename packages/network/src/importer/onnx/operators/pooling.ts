import * as ops from "../../../ops/index.js";
import type { PoolWindow } from "../../../ops/operation.js";
import { slide } from "../../../ops/window.js";
import { axesWithoutBatch, type Operator } from "./operator.js";
import { plane, readWindow } from "./window.js";

export const maxPool: Operator = (step, builder) => {
  const input = step.value(0);
  const [c, h, w] = plane(step, input);
  const { size, strides, padding, dilations } = readWindow(step, input, []);
  if (Math.max(...dilations) > 1) throw step.fail("dilations of a pool are not supported");
  const [rows, columns] = slide([h, w, c], size, strides, padding);
  const operation = ops.maxPool({ size, strides, padding });
  return builder.make(step, { operation, inputs: [builder.arrange(input)], dims: [c, rows, columns] });
};

/** Padding that is counted is a padding of zeros before the pool; cells that `ceil_mode` adds behind it are never counted. */
export const averagePool: Operator = (step, builder) => {
  const input = step.value(0);
  const [c, h, w] = plane(step, input);
  const { size, strides, padding, dilations } = readWindow(step, input, []);
  if (Math.max(...dilations) > 1) throw step.fail("dilations of a pool are not supported");
  const counted = step.int("count_include_pad", 0) !== 0 && padding !== "valid";
  const [rows, columns] = slide([h, w, c], size, strides, padding);
  const make = (pool: PoolWindow, before = builder.arrange(input)) =>
    builder.make(step, { operation: ops.averagePool(pool), inputs: [before], dims: [c, rows, columns] });
  if (!counted) return make({ size, strides, padding });
  if (step.text("auto_pad", "NOTSET") !== "NOTSET") throw step.fail("count_include_pad with auto_pad is not supported");
  const pads = step.ints("pads", [0, 0, 0, 0]);
  const [top = 0, left = 0, bottom = 0, right = 0] = pads;
  const padded = builder.make(step, {
    operation: ops.zeroPadding2d([top, bottom], [left, right]),
    inputs: [builder.arrange(input)],
    dims: [c, h + top + bottom, w + left + right],
    part: "padding",
  });
  const behind = (length: number, axis: 0 | 1, out: number): readonly [number, number] => [
    0,
    Math.max(0, (out - 1) * strides[axis] + size[axis] - length),
  ];
  return make({ size, strides, padding: [behind(h + top + bottom, 0, rows), behind(w + left + right, 1, columns)] }, padded);
};

export const globalAveragePool: Operator = (step, builder) => {
  const input = step.value(0);
  const [c] = plane(step, input);
  return builder.make(step, { operation: ops.globalAveragePool(true), inputs: [builder.arrange(input)], dims: [c, 1, 1] });
};

export const globalMaxPool: Operator = (step, builder) => {
  const input = step.value(0);
  const [c, h, w] = plane(step, input);
  const operation = ops.maxPool({ size: [h, w], strides: [h, w], padding: "valid" });
  return builder.make(step, { operation, inputs: [builder.arrange(input)], dims: [c, 1, 1] });
};

/** ReduceMean over the plane. */
export const reduceMean: Operator = (step, builder) => {
  const input = step.value(0);
  const [c] = plane(step, input);
  const axes = axesWithoutBatch(step, step.list("axes", 1) ?? [], 3);
  if (axes.join() !== "1,2") throw step.fail("a mean over other axes than rows and columns is not supported", "axes 2 and 3");
  const kept = step.int("keepdims", 1) !== 0;
  return builder.make(step, { operation: ops.globalAveragePool(kept), inputs: [builder.arrange(input)], dims: kept ? [c, 1, 1] : [c] });
};

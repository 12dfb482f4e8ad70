import * as ops from "../../../ops/index.js";
import { dimsOf, naturalOrder, transposed } from "../layout.js";
import { axesWithoutBatch, withoutBatch, type Operator } from "./operator.js";
import { plane } from "./window.js";

const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

export const concat: Operator = (step, builder) => {
  const inputs = step.inputs.map((_, i) => step.value(i));
  const sizes = inputs.map(dimsOf);
  const first = sizes[0] ?? [];
  const axis = withoutBatch(step, step.int("axis"), first.length);
  const dims = first.map((size, i) => (i === axis ? sizes.reduce((sum, own) => sum + (own[i] ?? 0), 0) : size));
  const place = naturalOrder(dims.length).indexOf(axis);
  return builder.make(step, { operation: ops.concatenate(place + 1), inputs: inputs.map((input) => builder.arrange(input)), dims });
};

export const flatten: Operator = (step, builder) => {
  const input = step.value(0);
  const dims = dimsOf(input);
  const axis = step.int("axis", 1);
  const own = axis < 0 ? axis + dims.length : axis - 1;
  if (own < 0 || product(dims.slice(0, own)) !== 1) throw step.fail("works along the batch", "axis 1");
  return builder.reshape(input, [product(dims)]);
};

/** Reshape: 0 keeps a size, −1 takes what is left; the first size is the batch's. */
export const reshape: Operator = (step, builder) => {
  const input = step.value(0);
  const dims = dimsOf(input);
  const [batch, ...wanted] = step.list("shape", 1) ?? [];
  const keeps = step.int("allowzero", 0) === 0;
  const sizes = wanted.map((size, i) => (size === 0 && keeps ? (dims[i] ?? 0) : size));
  const left = product(dims) / product(sizes.filter((size) => size !== -1));
  const full = sizes.map((size) => (size === -1 ? left : size));
  const kept = batch !== undefined && (Number.isNaN(batch) || batch === -1 || batch === step.batch || (batch === 0 && keeps));
  if (!kept || product(full) !== product(dims))
    throw step.fail(`[n, ${dims.join(", ")}] cannot become [${[batch, ...wanted].join(", ")}] while the batch stays what it is`);
  return builder.reshape(input, full);
};

export const squeeze: Operator = (step, builder) => {
  const input = step.value(0);
  const dims = dimsOf(input);
  const given = step.list("axes", 1);
  const dropped = given && axesWithoutBatch(step, given, dims.length);
  if (dropped?.some((axis) => dims[axis] !== 1)) throw step.fail("drops an axis that is longer than 1");
  return builder.reshape(
    input,
    dims.filter((size, axis) => (dropped ? !dropped.includes(axis) : size !== 1)),
  );
};

export const unsqueeze: Operator = (step, builder) => {
  const input = step.value(0);
  const dims = [...dimsOf(input)];
  const added = step.list("axes", 1) ?? [];
  for (const axis of axesWithoutBatch(step, added, dims.length + added.length)) dims.splice(axis, 0, 1);
  return builder.reshape(input, dims);
};

export const transpose: Operator = (step) => {
  const input = step.value(0);
  const [batch, ...order] = step.ints("perm", [...Array(input.axes.length + 1).keys()].reverse());
  if (batch !== 0) throw step.fail("moves the batch");
  return transposed(
    input,
    order.map((axis) => axis - 1),
  );
};

/** Pad: zeros around the plane. */
export const pad: Operator = (step, builder) => {
  const input = step.value(0);
  const [c, h, w] = plane(step, input);
  const mode = step.text("mode", "constant");
  if (mode !== "constant") throw step.fail(`padding by ${mode} is not supported`, "zeros");
  if ((step.constant(2)?.values[0] ?? step.float("value", 0)) !== 0) throw step.fail("padding by another value than 0 is not supported");
  const given = step.list("pads", 1) ?? [];
  const axes = step.list("axes", 3)?.map((axis) => (axis < 0 ? axis + 4 : axis)) ?? [0, 1, 2, 3];
  const sides = [0, 1, 2, 3].map((axis): readonly [number, number] => {
    const at = axes.indexOf(axis);
    return at < 0 ? [0, 0] : [given[at] ?? 0, given[at + axes.length] ?? 0];
  });
  const [, , rows = [0, 0], columns = [0, 0]] = sides;
  if (
    sides.flat().some((cells) => cells < 0) ||
    sides
      .slice(0, 2)
      .flat()
      .some((cells) => cells !== 0)
  )
    throw step.fail(`pads [${given.join(", ")}] are not supported`, "cells around rows and columns");
  if ([...rows, ...columns].every((cells) => cells === 0)) return input;
  const dims = [c, h + rows[0] + rows[1], w + columns[0] + columns[1]];
  return builder.make(step, { operation: ops.zeroPadding2d(rows, columns), inputs: [builder.arrange(input)], dims });
};

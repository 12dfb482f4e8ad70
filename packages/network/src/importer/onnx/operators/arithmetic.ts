import * as ops from "../../../ops/index.js";
import type { HostArray, Operation } from "../../../ops/operation.js";
import type { Builder } from "../builder.js";
import type { Constant } from "../constant.js";
import { permute } from "../fold.js";
import { dimsOf, naturalOrder, type Value } from "../layout.js";
import { isConstant, type Step } from "../step.js";
import type { Operator } from "./operator.js";

/** x ⊙ scale + shift for the values of a constant: `number` gives scale or shift for one of them. */
interface Affine {
  readonly scale?: (constant: number) => number;
  readonly shift?: (constant: number) => number;
}

/** An operation of two activations, or of one and a constant on its right or left. */
function binary(operation: Operation, right: Affine, left?: Affine): Operator {
  return (step, builder) => {
    const [a, b] = step.inputs;
    if (!a || !b) throw step.fail("needs two inputs");
    if (isConstant(b)) return withConstant(step, builder, step.value(0), b, right);
    if (!isConstant(a)) return combine(step, builder, operation, [a, b]);
    if (left) return withConstant(step, builder, b, a, left);
    throw step.fail("a constant on the left is not supported");
  };
}

const negative = (value: number): number => -value;
const same = (value: number): number => value;

export const add = binary(ops.add, { shift: same }, { shift: same });
export const subtract = binary(ops.subtract, { shift: negative }, { scale: () => -1, shift: same });
export const multiply = binary(ops.multiply, { scale: same }, { scale: same });
export const divide = binary(ops.divide, { scale: (value) => 1 / value });

/** Sum of any number of activations. */
export const sum: Operator = (step, builder) => {
  const inputs = step.inputs.map((_, i) => step.value(i));
  return combine(step, builder, ops.add, inputs);
};

/** Activations under each other: all stored in one order, an axis of size 1 repeated. */
function combine(step: Step, builder: Builder, operation: Operation, inputs: readonly Value[]): Value {
  const sizes = inputs.map(dimsOf);
  const first = sizes[0] ?? [];
  const dims = first.map((_, axis) => Math.max(...sizes.map((own) => own[axis] ?? 0)));
  if (sizes.some((own) => own.length !== first.length || own.some((size, axis) => size !== 1 && size !== dims[axis])))
    throw step.fail(`inputs ${sizes.map((own) => `[n, ${own.join(", ")}]`).join(" and ")} do not fit each other`);
  const stored = inputs.map((input) => builder.permuted(input));
  const agreed = stored.every(({ order }) => order.join() === stored[0]?.order.join()) ? stored[0]?.order : undefined;
  const order = agreed ?? naturalOrder(dims.length);
  return builder.make(step, { operation, inputs: stored.map(({ value }) => builder.arrange(value, order)), dims, order });
}

function withConstant(step: Step, builder: Builder, input: Value, constant: Constant, { scale, shift }: Affine): Value {
  const dims = dimsOf(input);
  const own = [...new Array<number>(Math.max(0, dims.length + 1 - constant.dims.length)).fill(1), ...constant.dims];
  const [batch, ...sizes] = own;
  if (own.length !== dims.length + 1 || batch !== 1 || sizes.some((size, axis) => size !== 1 && size !== dims[axis]))
    throw step.fail(`a constant [${constant.dims.join(", ")}] does not fit an activation [n, ${dims.join(", ")}]`);
  const single = constant.values.length === 1;
  const { value, order } = single ? { value: input, order: input.stored.map(() => 0) } : builder.permuted(input);
  const turned = single ? { values: constant.values, dims: value.stored.map(() => 1) } : permute({ ...constant, dims: sizes }, order);
  const array = (map: (constant: number) => number): HostArray => ({ shape: turned.dims, values: Float32Array.from(turned.values, map) });
  const operation = ops.constantAffine({ ...(scale && { scale: array(scale) }), ...(shift && { shift: array(shift) }) });
  return builder.pointwise(step, operation, value);
}

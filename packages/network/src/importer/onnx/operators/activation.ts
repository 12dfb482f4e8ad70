import * as ops from "../../../ops/index.js";
import type { Operation } from "../../../ops/operation.js";
import { dimsOf } from "../layout.js";
import type { Step } from "../step.js";
import { withoutBatch, type Operator } from "./operator.js";

const pointwise =
  (operation: (step: Step) => Operation): Operator =>
  (step, builder) =>
    builder.pointwise(step, operation(step), step.value(0));

export const relu = pointwise(() => ops.relu());
export const sigmoid = pointwise(() => ops.sigmoid);
export const leakyRelu = pointwise((step) => ops.leakyRelu(step.float("alpha", 0.01)));
export const hardSigmoid = pointwise((step) => ops.hardSigmoid(step.float("alpha", 0.2), step.float("beta", 0.5)));

/** What changes nothing at inference. */
export const nothing: Operator = (step) => step.value(0);

/** x·min(1, max(0, x/6 + ½)) */
export const hardSwish: Operator = (step, builder) => {
  const input = step.value(0);
  const gate = builder.pointwise(step, ops.hardSigmoid(1 / 6, 0.5), input, "gate");
  const { layer } = builder.make(step, { operation: ops.multiply, inputs: [input, gate], dims: [] });
  return { ...input, layer };
};

/** Clip: bounds are attributes, inputs since operator set 11. From 0 on it is a ReLU, to which the modified gradient rules apply. */
export const clip: Operator = (step, builder) => {
  const bound = (name: string, index: number, otherwise: number): number => step.constant(index)?.values[0] ?? step.float(name, otherwise);
  // Exporters write the largest float32 for no bound.
  const open = (value: number): number => (Math.abs(value) > 3.4e38 ? Math.sign(value) * Infinity : value);
  const [low, high] = [open(bound("min", 1, -Infinity)), open(bound("max", 2, Infinity))];
  if (low === -Infinity && high === Infinity) return step.value(0);
  return builder.pointwise(step, low === 0 ? ops.relu(high) : ops.clip(low, high), step.value(0));
};

/** Softmax along one axis. Before operator set 13 the axes behind it were taken together. */
const softmaxLike =
  (operation: Operation): Operator =>
  (step, builder) => {
    const input = step.value(0);
    const dims = dimsOf(input);
    const axis = withoutBatch(step, step.int("axis", step.opset < 13 ? 1 : -1), dims.length);
    if (step.opset < 13 && dims.slice(axis + 1).some((size) => size > 1)) throw step.fail("several axes together are not supported");
    const others = dims.flatMap((size, i) => (i === axis ? [] : [{ size, i }]));
    if (others.every(({ size }) => size === 1)) {
      const size = dims[axis]!;
      const vector = builder.arrange(builder.reshape(input, [size]));
      return builder.reshape(builder.make(step, { operation, inputs: [vector], dims: [size] }), dims);
    }
    const order = [...others.map(({ i }) => i), axis];
    return builder.make(step, { operation, inputs: [builder.arrange(input, order)], dims, order });
  };

export const softmax = softmaxLike(ops.softmax);
export const logSoftmax = softmaxLike(ops.logSoftmax);

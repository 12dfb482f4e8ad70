import * as ops from "../../../ops/index.js";
import type { Constant } from "../constant.js";
import type { Builder } from "../builder.js";
import { permute } from "../fold.js";
import { placesOf, sizeOf, type Value } from "../layout.js";
import type { Step } from "../step.js";
import type { Operator } from "./operator.js";

/** A vector that reads its numbers in the order in which they are stored: the rows of the matrix are sorted likewise. */
function product(
  step: Step,
  builder: Builder,
  input: Value,
  matrix: Constant,
  bias: Constant | undefined,
  factors: { matrix: number; bias: number },
): Value {
  const [rows = 0, units = 0] = matrix.dims;
  if (input.axes.length !== 1) throw step.fail(`its input has ${input.axes.length + 1} axes`, "a vector [n, features]");
  if (matrix.dims.length !== 2 || sizeOf(input.axes[0]!) !== rows)
    throw step.fail(`a matrix [${matrix.dims.join(", ")}] does not fit an input of ${sizeOf(input.axes[0]!)} features`);
  builder.own(step, matrix);
  const flat: Value = { ...input, axes: [input.stored.flat()] };
  const places = placesOf(input);
  const values = new Float32Array(rows * units);
  for (let row = 0; row < rows; row++)
    for (let unit = 0; unit < units; unit++) values[row * units + unit] = factors.matrix * matrix.values[places[row]! * units + unit]!;
  const summand =
    bias && Float32Array.from({ length: units }, (_, i) => factors.bias * (bias.values.length === 1 ? bias.values[0]! : bias.values[i]!));
  return builder.make(step, {
    operation: ops.dense({ units, bias: bias !== undefined }),
    inputs: [builder.arrange(flat)],
    dims: [units],
    weights: { kernel: { shape: [rows, units], values }, ...(summand && { bias: { shape: [units], values: summand } }) },
    names: [matrix.name, bias?.name],
  });
}

/** A bias of every unit, or one for all. */
const isBias = ({ dims, values }: Constant, units: number): boolean =>
  values.length === 1 || (values.length === units && dims.at(-1) === units);

/** Gemm: α·x·B + β·C. */
export const gemm: Operator = (step, builder) => {
  if (step.int("transA", 0) !== 0) throw step.fail("a transposed input is not supported");
  const given = step.needed(1);
  const matrix = step.int("transB", 0) === 0 ? given : permute(given, [1, 0]);
  const bias = step.constant(2);
  if (bias && !isBias(bias, matrix.dims[1] ?? 0)) throw step.fail(`a summand [${bias.dims.join(", ")}] is no bias`, `[${matrix.dims[1]}]`);
  return product(step, builder, step.value(0), matrix, bias, { matrix: step.float("alpha", 1), bias: step.float("beta", 1) });
};

/** MatMul of a vector and a matrix; an Add of a constant behind it is its bias. */
export const matMul: Operator = (step, builder) => {
  const matrix = step.needed(1);
  const bias = builder.takeBias(step, (summand) => isBias(summand, matrix.dims[1] ?? 0));
  return product(step, builder, step.value(0), matrix, bias, { matrix: 1, bias: 1 });
};

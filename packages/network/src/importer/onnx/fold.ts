import type { Constant } from "./constant.js";
import type { Step } from "./step.js";

type Fold = (step: Step, inputs: readonly Constant[]) => Constant;

const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** A list of whole numbers as a constant. */
export const vector = (values: readonly number[]): Constant => ({ dims: [values.length], values: Float64Array.from(values) });

const like = (values: Constant["values"], length: number): Constant["values"] =>
  values instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);

const named = ({ name }: Constant): { name?: string } => (name === undefined ? {} : { name });

/** The values at places that a function gives for each place of the result. */
function take(source: Constant, dims: readonly number[], place: (at: readonly number[]) => readonly number[]): Constant {
  const values = like(source.values, product(dims));
  const at = dims.map(() => 0);
  for (let i = 0; i < values.length; i++) {
    values[i] = source.values[place(at).reduce((sum, index, axis) => sum * source.dims[axis]! + index, 0)]!;
    for (let axis = dims.length - 1; axis >= 0 && ++at[axis]! === dims[axis]; axis--) at[axis] = 0;
  }
  return { dims, values, ...named(source) };
}

/** The value at the same place, an axis of size 1 or a missing one repeated. */
export const broadcast = (source: Constant, dims: readonly number[]): Constant =>
  take(source, dims, (at) => source.dims.map((size, axis) => (size === 1 ? 0 : at[axis + dims.length - source.dims.length]!)));

/** The axes in another order. Large kernels pass here: one addition a number. */
export function permute(source: Constant, order: readonly number[]): Constant {
  const dims = order.map((axis) => source.dims[axis]!);
  const strides = order.map((axis) => product(source.dims.slice(axis + 1)));
  const values = like(source.values, source.values.length);
  let i = 0;
  const walk = (axis: number, from: number): void => {
    const [size, stride] = [dims[axis] ?? 1, strides[axis] ?? 0];
    const last = axis >= dims.length - 1;
    for (let index = 0, at = from; index < size; index++, at += stride) {
      if (last) values[i++] = source.values[at]!;
      else walk(axis + 1, at);
    }
  };
  walk(0, 0);
  return { dims, values, ...named(source) };
}

const integers = (step: Step, name: string, input: Constant | undefined): readonly number[] | undefined =>
  input ? Array.from(input.values) : step.has(name) ? step.ints(name) : undefined;

function elementwise(apply: (a: number, b: number) => number): Fold {
  return (step, [a, b]) => {
    if (!a || !b) throw step.fail("needs two inputs");
    const rank = Math.max(a.dims.length, b.dims.length);
    const sizes = Array.from(
      { length: rank },
      (_, i) => [a.dims[i + a.dims.length - rank] ?? 1, b.dims[i + b.dims.length - rank] ?? 1] as const,
    );
    if (sizes.some(([x, y]) => x !== y && x !== 1 && y !== 1)) throw step.fail("its inputs do not fit each other");
    const dims = sizes.map(([x, y]) => (x === 1 ? y : x));
    const [left, right] = [broadcast(a, dims), broadcast(b, dims)];
    const values = like(a.values, left.values.length);
    for (let i = 0; i < values.length; i++) values[i] = apply(left.values[i]!, right.values[i]!);
    return { dims, values };
  };
}

const wrap = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

const unsqueeze: Fold = (step, [x, given]) => {
  const added = integers(step, "axes", given) ?? [];
  const rank = x!.dims.length + added.length;
  const dims = [...x!.dims];
  for (const axis of added.map((each) => wrap(each, rank)).sort((a, b) => a - b)) dims.splice(axis, 0, 1);
  return { ...x!, dims };
};

const squeeze: Fold = (step, [x, given]) => {
  const dropped = integers(step, "axes", given)?.map((axis) => wrap(axis, x!.dims.length));
  return { ...x!, dims: x!.dims.filter((size, axis) => (dropped ? !dropped.includes(axis) : size !== 1)) };
};

const slice: Fold = (step, [x, ...given]) => {
  const [starts = [], ends = []] = [integers(step, "starts", given[0]), integers(step, "ends", given[1])];
  const axes = integers(step, "axes", given[2]) ?? starts.map((_, i) => i);
  const strides = given[3] ? Array.from(given[3].values) : starts.map(() => 1);
  const dims = [...x!.dims];
  const [first, every] = [dims.map(() => 0), dims.map(() => 1)];
  axes.forEach((each, i) => {
    const axis = wrap(each, dims.length);
    const size = dims[axis]!;
    const stride = strides[i]!;
    const within = (bound: number, low: number, high: number): number => Math.min(high, Math.max(low, wrap(bound, size)));
    const [from, to] =
      stride > 0
        ? [within(starts[i]!, 0, size), within(ends[i]!, 0, size)]
        : [within(starts[i]!, 0, size - 1), within(ends[i]!, -1, size - 1)];
    first[axis] = from;
    every[axis] = stride;
    dims[axis] = Math.max(0, Math.ceil((to - from) / stride));
  });
  return take(x!, dims, (at) => at.map((index, axis) => first[axis]! + index * every[axis]!));
};

const gather: Fold = (step, [x, indices]) => {
  const axis = wrap(step.int("axis", 0), x!.dims.length);
  const places = Array.from(indices!.values, (index) => wrap(index, x!.dims[axis]!));
  const [before, after] = [x!.dims.slice(0, axis), x!.dims.slice(axis + 1)];
  const picked = take(x!, [...before, places.length, ...after], (at) => at.map((index, i) => (i === axis ? places[index]! : index)));
  return { ...picked, dims: [...before, ...indices!.dims, ...after] };
};

const concat: Fold = (step, inputs) => {
  const axis = wrap(step.int("axis"), inputs[0]!.dims.length);
  const dims = inputs[0]!.dims.map((size, i) => (i === axis ? inputs.reduce((sum, input) => sum + input.dims[i]!, 0) : size));
  const [outer, inner] = [product(dims.slice(0, axis)), product(dims.slice(axis + 1))];
  const values = like(inputs[0]!.values, product(dims));
  let at = 0;
  for (let row = 0; row < outer; row++)
    for (const { dims: own, values: part } of inputs) {
      const length = own[axis]! * inner;
      values.set(part.subarray(row * length, (row + 1) * length), at);
      at += length;
    }
  return { dims, values };
};

const reshape: Fold = (step, [x, given]) => {
  const wanted = integers(step, "shape", given) ?? [];
  const kept = wanted.map((size, i) => (size === 0 ? x!.dims[i]! : size));
  const known = product(kept.filter((size) => size !== -1));
  return { ...x!, dims: kept.map((size) => (size === -1 ? x!.values.length / known : size)) };
};

const truncated = (a: number, b: number): number => Math.trunc(a / b);

/** Operators on constants alone: what exporters write for shapes, and for weights that are stored in another order. */
export const folds: Readonly<Record<string, Fold>> = {
  Identity: (_, [x]) => x!,
  // 6, 7: whole numbers; all others keep their values.
  Cast: (step, [x]) => ([6, 7].includes(step.int("to")) ? { ...x!, values: Float64Array.from(x!.values, Math.trunc) } : x!),
  Unsqueeze: unsqueeze,
  Squeeze: squeeze,
  Reshape: reshape,
  Transpose: (step, [x]) => permute(x!, step.ints("perm", [...x!.dims.keys()].reverse())),
  Slice: slice,
  Gather: gather,
  Concat: concat,
  ConstantOfShape: (step, [x]) => {
    const filled = step.tensor("value")?.values ?? new Float32Array(1);
    const dims = Array.from(x!.values);
    return { dims, values: like(filled, product(dims)).fill(filled[0]!) };
  },
  Range: (_, [from, to, by]) => {
    const [start, end, stride] = [from!.values[0]!, to!.values[0]!, by!.values[0]!];
    return vector(Array.from({ length: Math.max(0, Math.ceil((end - start) / stride)) }, (__, i) => start + i * stride));
  },
  Add: elementwise((a, b) => a + b),
  Sub: elementwise((a, b) => a - b),
  Mul: elementwise((a, b) => a * b),
  Div: (step, inputs) => elementwise(inputs[0]!.values instanceof Float32Array ? (a, b) => a / b : truncated)(step, inputs),
  Equal: elementwise((a, b) => (a === b ? 1 : 0)),
  Where: (_, [condition, a, b]) => {
    const [left, right] = [broadcast(a!, condition!.dims), broadcast(b!, condition!.dims)];
    return { ...left, values: left.values.map((value, i) => (condition!.values[i] ? value : right.values[i]!)) };
  },
  Sqrt: (_, [x]) => ({ ...x!, values: x!.values.map(Math.sqrt) }),
  Floor: (_, [x]) => ({ ...x!, values: x!.values.map(Math.floor) }),
  Expand: (step, inputs) => {
    const [x, shape] = inputs;
    const dims = Array.from(shape!.values);
    return elementwise((a) => a)(step, [x!, { dims, values: like(x!.values, product(dims)) }]);
  },
};

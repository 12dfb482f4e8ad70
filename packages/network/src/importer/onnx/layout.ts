/** A factor of the size of an axis; the same object wherever the same factor is meant. Axes of size 1 have none. */
export interface Factor {
  readonly size: number;
}

export type Axis = readonly Factor[];

/**
 * An intermediate value: which axes the ONNX graph sees (`axes`, the batch left out), and in which order the layer's own array,
 * channels last, holds their factors (`stored`). Reshape and Transpose only regroup factors; numbers move when a layer needs
 * another order (`arrange` of the builder). So no value can be read in the wrong order.
 */
export interface Value {
  readonly layer: string;
  readonly axes: readonly Axis[];
  readonly stored: readonly Axis[];
}

export const sizeOf = (axis: Axis): number => axis.reduce((size, factor) => size * factor.size, 1);

/** Sizes that the ONNX graph sees, without the batch. */
export const dimsOf = ({ axes }: Value): readonly number[] => axes.map(sizeOf);

/** Shape of the layer's array, without the batch. */
export const shapeOf = ({ stored }: Value): readonly number[] => stored.map(sizeOf);

const axis = (size: number): Axis => (size === 1 ? [] : [{ size }]);

/** A layer's output whose array holds axis `order[i]` of the ONNX graph at place i. */
export function fresh(layer: string, dims: readonly number[], order: readonly number[]): Value {
  const axes = dims.map(axis);
  return { layer, axes, stored: order.map((i) => axes[i]!) };
}

/** Channels last for images, the ONNX order for all else. */
export const naturalOrder = (rank: number): readonly number[] => (rank === 3 ? [1, 2, 0] : Array.from({ length: rank }, (_, i) => i));

export const sameFactors = (a: Axis, b: Axis): boolean => a.length === b.length && a.every((factor, i) => factor === b[i]);

/** The ONNX axis at each place of the array, where the array is nothing but a permutation of axes. */
export function orderOf({ axes, stored }: Value): readonly number[] | undefined {
  if (axes.length !== stored.length) return undefined;
  const free = new Set(axes.keys());
  // An axis of size 1 may stand anywhere: it takes the first place that is left.
  const order = stored.map((held) => {
    const found = [...free].find((i) => sameFactors(axes[i]!, held));
    if (found !== undefined) free.delete(found);
    return found;
  });
  return order.every((i): i is number => i !== undefined) ? order : undefined;
}

export const transposed = (value: Value, order: readonly number[]): Value => ({ ...value, axes: order.map((i) => value.axes[i]!) });

/** The value seen in other sizes; undefined where an axis would have to be cut between its factors (then numbers must move first). */
export function reshaped(value: Value, dims: readonly number[]): Value | undefined {
  const rest = value.axes.flat();
  const pieces = new Map<Factor, readonly Factor[]>();
  const axes: Factor[][] = [];
  for (const size of dims) {
    const own: Factor[] = [];
    for (let left = size; left > 1;) {
      const next = rest.shift();
      if (!next) return undefined;
      if (left % next.size === 0) {
        own.push(next);
        left /= next.size;
        continue;
      }
      if (next.size % left !== 0) return undefined;
      const [first, second] = [{ size: left }, { size: next.size / left }];
      pieces.set(next, [first, second]);
      own.push(first);
      rest.unshift(second);
      left = 1;
    }
    axes.push(own);
  }
  if (rest.length > 0) return undefined;
  const cut = (factor: Factor): readonly Factor[] => pieces.get(factor)?.flatMap(cut) ?? [factor];
  return { layer: value.layer, axes: axes.map((own) => own.flatMap(cut)), stored: value.stored.map((own) => own.flatMap(cut)) };
}

/** For each place of the layer's array, read row by row, the place in ONNX's order: how the rows of a matrix behind it must be sorted. */
export function placesOf({ axes, stored }: Value): Int32Array {
  const strides = new Map<Factor, number>();
  let stride = 1;
  for (const factor of axes.flat().reverse()) {
    strides.set(factor, stride);
    stride *= factor.size;
  }
  let places: number[] = [0];
  for (const factor of stored.flat()) {
    const step = strides.get(factor) ?? 0;
    places = places.flatMap((place) => Array.from({ length: factor.size }, (_, i) => place + i * step));
  }
  return Int32Array.from(places);
}

import { integersAt, kernels, places, putFloats, takeDoubles } from "../kernels/kernels.js";
import { unitAt } from "./unit-vector.js";

/** Bytes of a value with its cell, and of the places of a digit. */
const PAIR = 8;
const STARTS = 2048 * 4;

/** Cells from the smallest value to the largest, equal values in order of their index. −0 counts as 0; no NaN. */
export function ascendingOrder(values: Float32Array): Uint32Array {
  const n = values.length;
  const [map, first, second, starts] = places(n * 4, n * PAIR, n * PAIR, STARTS);
  putFloats(map, values);
  const pairs = integersAt(kernels().sorted(map, n, first, second, starts), 2 * n);
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = pairs[2 * i]!;
  return order;
}

/** Zero-based ranks, the mean rank where values tie. */
export const tieAveragedRanks = (values: Float32Array): Float64Array => takeDoubles(rank(values, 0), values.length);

/** The ranks less their mean, at length 1; `undefined` where all values are equal. */
export const rankVector = (values: Float32Array): Float64Array | undefined => unitAt(rank(values, (values.length - 1) / 2), values.length);

/** Where the ranks less `middle` stand in the kernels' memory. */
function rank(values: Float32Array, middle: number): number {
  const n = values.length;
  const [map, ranks, first, second, starts] = places(n * 4, n * 8, n * PAIR, n * PAIR, STARTS);
  putFloats(map, values);
  kernels().ranks(map, n, ranks, first, second, starts, middle);
  return ranks;
}

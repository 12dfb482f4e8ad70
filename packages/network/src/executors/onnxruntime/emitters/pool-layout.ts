import type { OnnxGraph } from "../onnx-graph.js";

/** Rows and columns. */
export type Counts = readonly [rows: number, columns: number];

/** How planes lie while the cells of a pool's windows are compared. */
export interface Layout {
  readonly from: (planes: string, counts: Counts) => string;
  readonly to: (own: string, counts: Counts) => string;
  /** of one image */
  readonly shape: (counts: Counts) => readonly number[];
  /** what `Pad` is told */
  readonly pads: (axis: 0 | 1, begin: number, end: number) => readonly number[];
}

const asIs = (name: string): string => name;

const padsOf = (rank: number, axis: number, begin: number, end: number): number[] =>
  Array.from({ length: 2 * rank }, (_, i) => (i === axis ? begin : i === rank + axis ? end : 0));

export const planes = (channels: number): Layout => ({
  from: asIs,
  to: asIs,
  shape: (counts) => [channels, ...counts],
  pads: (axis, begin, end) => padsOf(4, 2 + axis, begin, end),
});

/**
 * Pixel by pixel, `[n, h, w, 1, c]`: what onnxruntime's blocked channels are put into and taken from without turning, and interleaved in whole runs.
 * The axis of length 1 keeps it from turning them back earlier.
 */
export const pixels = (graph: OnnxGraph, channels: number): Layout => ({
  from: (planes, counts) =>
    graph.op("Reshape", [graph.op("Transpose", [planes], { perm: [0, 2, 3, 1] }), graph.integers(0, ...counts, 1, channels)]),
  to: (own, counts) => graph.op("Transpose", [graph.op("Reshape", [own, graph.integers(0, ...counts, channels)])], { perm: [0, 3, 1, 2] }),
  shape: (counts) => [...counts, 1, channels],
  pads: (axis, begin, end) => padsOf(5, 1 + axis, begin, end),
});

import type { Builder } from "../builder.js";
import type { Value } from "../layout.js";
import type { Step } from "../step.js";

/** Reads one kind of node; a file of this folder holds a few that are alike. */
export type Operator = (step: Step, builder: Builder) => Value;

/** An axis counted with the batch, as one counted without it; the batch itself is refused. */
export function withoutBatch(step: Step, axis: number, rank: number): number {
  const own = (axis < 0 ? axis + rank + 1 : axis) - 1;
  if (own >= 0 && own < rank) return own;
  throw step.fail(own < 0 ? "works along the batch" : `has no axis ${axis}`);
}

/** Axes counted with the batch, without it and in order. */
export const axesWithoutBatch = (step: Step, axes: readonly number[], rank: number): readonly number[] =>
  axes.map((axis) => withoutBatch(step, axis, rank)).sort((a, b) => a - b);

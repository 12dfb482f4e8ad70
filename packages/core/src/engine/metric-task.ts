import type { View } from "../plugin/view.js";
import type { StoredMaps } from "../store/store.js";

/** Every metric of one pair of stacks, so that a view is applied and ties are counted once a map. */
export interface MetricTask {
  readonly a: StoredMaps;
  /** names the content of `a`: a worker keeps what it prepared of it */
  readonly aKey: string;
  readonly b: StoredMaps;
  /** `[images, height, width]` of the data set: 1 where the input differs from the background */
  readonly foreground?: Uint8Array<SharedArrayBuffer>;
  readonly metrics: readonly MetricRequest[];
}

/** What one thread does of a task. */
export interface MetricShare extends MetricTask {
  /** positions in `b`, in order: all maps of an image are one thread's */
  readonly positions: readonly number[];
  /** that share the images of each reference */
  readonly threads: number;
}

export interface MetricRequest {
  /** URL of the module with the definition */
  readonly module: string;
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly view: View;
}

/** Scores of one instance by column: what the store keeps. Of a share, only its positions are filled. */
export interface ScoreColumns {
  readonly image: number[];
  readonly repetition: number[];
  readonly value: (number | null)[];
  readonly ties: number[];
  readonly target: number[];
  /** by position, where the value is null */
  readonly reasons: Record<number, string>;
}

export type MetricAnswer = { readonly scores: ScoreColumns } | { readonly error: string };

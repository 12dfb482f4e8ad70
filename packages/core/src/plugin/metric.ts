import type { PluginFacts } from "./definition.js";
import type { Params, ParamsSchema } from "./schema.js";

/** One map (or attribution) of one image: row-major `[height, width, channels]`. */
export interface MapImage {
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Why a score is not defined: a value with a reason, never NaN and never 0 in disguise. */
export interface Undefined {
  readonly undefined: string;
}
export const notDefined = (reason: string): Undefined => ({ undefined: reason });

export interface MetricDefinition<S extends ParamsSchema = ParamsSchema, Prepared = unknown> extends PluginFacts<S> {
  readonly kind: "metric";
  /** declared bounds of a score, lowest and highest */
  readonly range: readonly [number, number];
  /** score of a map with itself */
  readonly identical: number;
  /** `false`: `a` is where `b` started from, and the score is a change rather than a likeness. No floor and no verdict can be built on it. */
  readonly symmetric?: false;
  /** `spatial`: neighbourhoods matter (SSIM, HOG); `pointwise`: any order of cells gives the same score */
  readonly domain: "pointwise" | "spatial";
  /** smallest height and width a map needs for these parameters; checked before anything runs */
  minimumSize?(params: Params<S>): number;
  /** the part that depends on one map only, done once for a map that is compared with many */
  prepare(map: MapImage, params: Params<S>): Prepared | Undefined;
  compare(a: Prepared, b: Prepared, params: Params<S>): number | Undefined;
}

/** Defines a similarity of two maps: higher means more alike; symmetric unless it says otherwise. */
export const defineMetric = <S extends ParamsSchema, Prepared>(
  definition: Omit<MetricDefinition<S, Prepared>, "kind">,
): MetricDefinition<S, Prepared> => Object.freeze({ kind: "metric", ...definition });

export const isUndefined = (value: unknown): value is Undefined => typeof value === "object" && value !== null && "undefined" in value;

import type { PluginFacts } from "./definition.js";
import type { Random } from "./random.js";
import type { Params, ParamsSchema } from "./schema.js";

/** Maps of several images, one after the other; `images[i]` is the index of the image that map i stands for. */
export interface MapStack {
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly images: Int32Array;
}

export interface SurrogateDefinition<S extends ParamsSchema = ParamsSchema> extends PluginFacts<S> {
  readonly kind: "surrogate";
  /** the fewest images that it can work on, known to the plan; 1 where it does not say */
  readonly minimumImages?: number;
  /** Chance versions of maps; every map keeps the id of the image it stands for, and metrics pair maps by that id. */
  surrogate(maps: MapStack, random: Random, params: Params<S>): MapStack;
}

export const defineSurrogate = <S extends ParamsSchema>(definition: Omit<SurrogateDefinition<S>, "kind">): SurrogateDefinition<S> =>
  Object.freeze({ kind: "surrogate", ...definition });

import type { PluginFacts } from "./definition.js";
import type { Redraw } from "./network.js";
import type { Params, ParamsSchema } from "./schema.js";

/** One stage: its name on the axis, and which blocks of the trained model are redrawn in it. */
export interface Stage {
  readonly name: string;
  readonly blocks: readonly string[];
}

/** How the stages relate; reports read curves of `cascading` stages as an order, of `independent` ones block by block. */
export type StageOrder = "cascading" | "independent";

export interface RandomizerDefinition<S extends ParamsSchema = ParamsSchema> extends PluginFacts<S> {
  readonly kind: "randomizer";
  readonly order: StageOrder;
  /**
   * The stages of a model after stage 0 (`trained`, added by the framework): a pure function on block names, output first.
   */
  stages(blocks: readonly string[], params: Params<S>): readonly Stage[];
  /** how a stage's blocks are redrawn */
  redraw(params: Params<S>): Redraw;
}

export const defineRandomizer = <S extends ParamsSchema>(definition: Omit<RandomizerDefinition<S>, "kind">): RandomizerDefinition<S> =>
  Object.freeze({ kind: "randomizer", ...definition });

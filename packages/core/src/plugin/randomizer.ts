import type { PluginFacts } from "./definition.js";
import type { Redraw } from "./network.js";
import type { Random } from "./random.js";
import type { Params, ParamsSchema } from "./schema.js";

/** One stage: its name on the axis, and which blocks of the trained model are redrawn in it. */
export interface Stage {
  readonly name: string;
  readonly blocks: readonly string[];
}

/**
 * How the stages relate. Reports read `cascading` stages as an order, `independent` ones block by block, and `graded` ones as doses of
 * one treatment, of which the last is judged.
 */
export type StageOrder = "cascading" | "independent" | "graded";

/** Destroys what a network has learned: new weights for its blocks. */
export interface BlockRandomizer<S extends ParamsSchema = ParamsSchema> extends PluginFacts<S> {
  readonly kind: "randomizer";
  readonly on: "blocks";
  readonly order: StageOrder;
  /**
   * The stages of a model after stage 0 (`trained`, added by the framework): a pure function on block names, output first.
   */
  stages(blocks: readonly string[], params: Params<S>): readonly Stage[];
  /** how a stage's blocks are redrawn */
  redraw(params: Params<S>): Redraw;
}

/** One stage of a data set: its name on the axis, and the share of labels that is permuted in it, in (0, 1]. */
export interface LabelStage {
  readonly name: string;
  readonly share: number;
}

/** Destroys what there is to learn: other labels for the images of a data set. */
export interface LabelRandomizer<S extends ParamsSchema = ParamsSchema> extends PluginFacts<S> {
  readonly kind: "randomizer";
  readonly on: "labels";
  readonly order: StageOrder;
  /** The stages after stage 0 (`trained`, the true labels, added by the framework). */
  stages(params: Params<S>): readonly LabelStage[];
  /** New labels, one an image. `random` is the same for every stage of a draw, so that doses can nest. */
  relabel(labels: Int32Array, share: number, random: Random): Int32Array;
}

export type RandomizerDefinition<S extends ParamsSchema = ParamsSchema> = BlockRandomizer<S> | LabelRandomizer<S>;

export const defineRandomizer = <S extends ParamsSchema>(definition: Omit<BlockRandomizer<S>, "kind" | "on">): BlockRandomizer<S> =>
  Object.freeze({ kind: "randomizer", on: "blocks", ...definition });

export const defineLabelRandomizer = <S extends ParamsSchema>(definition: Omit<LabelRandomizer<S>, "kind" | "on">): LabelRandomizer<S> =>
  Object.freeze({ kind: "randomizer", on: "labels", ...definition });

import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { PluginFacts } from "./definition.js";
import type { GradientOptions, ModelFacts, Target } from "./network.js";
import type { Params, ParamsSchema } from "./schema.js";

/** Seeded noise for the batch at hand: each image has its own stream, so n at once equals one at a time. */
export interface BatchRandom {
  /** standard normal `[n, h, w, c]`; the same sample gives the same values */
  normal(sample: number): Tensor4D;
  /** uniform in [0, 1) `[n, h, w, c]` */
  uniform(sample: number): Tensor4D;
}

export interface ExplainerGradientOptions extends GradientOptions {
  /** one an image. Default: the explained classes. */
  readonly targets?: readonly Target[];
}

/** What an inner explainer is told otherwise than the one around it. */
export interface InnerOptions {
  /** classes explained, one an image. Default: those of the explainer around it. */
  readonly targets?: readonly number[];
  /** `[h, w, c]` or a scalar: it sees the network y ↦ f(y − shift), as if the first layer's bias made up for a shifted input. Default: f. */
  readonly shift?: Tensor;
}

/** What an explainer may use: bound to one model, one target per image and one batch. Its functions stand alone: destructure them. */
export interface ExplainerContext<P> {
  readonly params: P;
  /** the explained class of each image in the batch */
  readonly targets: readonly number[];
  readonly model: ModelFacts;
  readonly random: BatchRandom;
  readonly services: readonly unknown[];
  /**
   * ∂ logit[target] / ∂x, shaped like `x` (or like the layer named by `at`). `x` has as many images as the batch.
   * Calls made together are gathered into one batch; equal calls are computed once.
   */
  gradient(this: void, x: Tensor4D, options?: ExplainerGradientOptions): Promise<Tensor4D>;
  /** output of a layer; rank 4 for spatial layers */
  activations(this: void, x: Tensor4D, layer: string): Promise<Tensor>;
  /** the value of a `numberOrFile` parameter: a scalar, or the array in the file, `[h, w, c]` */
  array(this: void, value: number | string): Tensor;
  /** pre-softmax outputs `[n, classes]` */
  logits(this: void, x: Tensor4D): Promise<Tensor2D>;
  /** the attribution of the explainer named by the parameter `of` (the plain gradient if none is) */
  inner(this: void, x: Tensor4D, sample?: number, options?: InnerOptions): Promise<Tensor4D>;
  /** (1/n) Σ term(s) for s = 0 … n−1, with only as many terms alive as are computed together */
  mean(this: void, n: number, term: (sample: number) => Tensor4D | Promise<Tensor4D>): Promise<Tensor4D>;
}

export interface ExplainerDefinition<S extends ParamsSchema = ParamsSchema> extends PluginFacts<S> {
  readonly kind: "explainer";
  /** `convolution`: cannot run on a network without convolutional layers */
  readonly needs?: "convolution";
  /** ignores the model on purpose; `noise`: its randomness is split by model too */
  readonly control?: "edges" | "noise";
  /** `layer`: its maps are shaped like a layer's output `[n, h, w, c]`, a dense one `[n, 1, 1, units]`; they have no foreground */
  readonly shape?: "layer";
  /** attribution `[n, h, w, c]`, signed; CAM methods `[n, h, w, 1]` */
  attribute(x: Tensor4D, context: ExplainerContext<Params<S>>): Promise<Tensor4D>;
}

/**
 * Defines an explainer: facts first, one formula last. `x` is a batch `[n, h, w, c]` in model-input units.
 * Batching, memory, seeds and targets are the framework's: tensors made inside are released, the result excepted.
 */
export const defineExplainer = <S extends ParamsSchema>(definition: Omit<ExplainerDefinition<S>, "kind">): ExplainerDefinition<S> =>
  Object.freeze({ kind: "explainer", ...definition });

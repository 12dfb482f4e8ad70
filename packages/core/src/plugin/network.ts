import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Random } from "./random.js";

/** How the gradient passes a ReLU: `standard` dy·(0 < y), `guided` dy·(dy > 0)·(0 < y), `deconvnet` dy·(dy > 0). */
export const GRADIENT_RULES = ["standard", "guided", "deconvnet"] as const;
export type GradientRule = (typeof GRADIENT_RULES)[number];

/** How a block gets new weights (docs/explanation/redraws.md). */
export const REDRAWS = ["initializer", "initializer+statistics", "shuffle", "gaussian-matched"] as const;
export type Redraw = (typeof REDRAWS)[number];

export interface LayerFacts {
  readonly name: string;
  /** `Conv2D`, `Dense`, `ReLU`, …: the class in the model file */
  readonly kind: string;
  /** output shape without the batch: `[h, w, c]` or `[units]` */
  readonly shape: readonly number[];
}

/** What is known of a model before any weight is loaded. */
export interface ModelFacts {
  readonly inputShape: readonly [height: number, width: number, channels: number];
  readonly classes: number;
  readonly layers: readonly LayerFacts[];
  /** names of the blocks that a randomizer acts on, output first */
  readonly blocks: readonly string[];
  /** the last convolutional activation, where CAM methods look by default; absent in a network without convolutions */
  readonly convolution?: string;
  /** multiplications on one image's way to the logits; what a training costs is reckoned from it */
  readonly multiplications?: number;
  /** hex SHA-256 of topology and weights */
  readonly digest: string;
}

/** What is explained of the outputs: the logit of a class, or v·logits with one weight a class. */
export type Target = number | readonly number[];

export interface GradientOptions {
  /** Default: `standard`. */
  readonly rule?: GradientRule;
  /** The layer at whose output the gradient is taken. Default: the input. */
  readonly at?: string;
}

/** One array of weights, named `layer/weight` as in the model's file. */
export interface WeightArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * A loaded, immutable network on a compute backend. Inputs are `[n, h, w, c]` in model-input units; methods promise
 * new tensors that the caller owns. `targets` holds one class an image, or weights of the logits in its place.
 */
export interface Network {
  readonly facts: ModelFacts;
  /** hex digest of these very weights; a redrawn network has another */
  readonly digest: string;
  /** images in a batch at which a gradient map is cheapest on this backend */
  readonly batch: number;
  /** bytes of activations that one image keeps alive during a gradient */
  readonly bytesPerImage: number;
  /** pre-softmax outputs `[n, classes]` */
  logits(x: Tensor4D): Promise<Tensor2D>;
  /** ∂ logit[target] / ∂ input (or layer output), signed, by a rule */
  gradient(x: Tensor4D, targets: readonly Target[], options?: GradientOptions): Promise<Tensor>;
  /** output of a layer (after an inline activation) */
  activations(x: Tensor4D, layer: string): Promise<Tensor>;
  /** `modelTopology` of the TensorFlow.js file that it came from; absent where there is none */
  readonly topology?: object;
  /** All weights, in the order of the layers. */
  weights(): readonly WeightArray[];
  /** The same layers with other weights, one array after another in the order of `weights()`. */
  withWeights(values: Float32Array): Network;
  /**
   * A network in which `blocks` have new weights and everything else is shared with this one.
   * A weight's draw depends on `random`'s path, its block and its own name only, so that cascades nest.
   */
  redraw(blocks: readonly string[], how: Redraw, random: Random): Network;
  /** Releases the weights that this network does not share with the one it was redrawn from. */
  dispose(): void;
}

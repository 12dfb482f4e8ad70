import type { PluginFacts } from "./definition.js";
import type { Network } from "./network.js";
import type { Params, ParamsSchema } from "./schema.js";

/** Images `[n, h, w, c]` in model-input units with one class index each. */
export interface LabelledImages {
  readonly values: Float32Array;
  readonly shape: readonly [n: number, height: number, width: number, channels: number];
  readonly labels: Int32Array;
}

/** One pass over the training images: the mean loss during it, and the share that is named rightly after it. */
export interface Epoch {
  readonly loss: number;
  readonly accuracy: number;
}

/** A network while it is trained. What follows a `restore` is byte for byte what followed the `save`. */
export interface Training {
  /** One pass in the order given: a permutation of the images. Ends early, with an error, when `signal` aborts. */
  epoch(order: Uint32Array, signal: AbortSignal): Promise<Epoch>;
  /** The share of images, in [0, 1], whose largest logit is their label's. */
  accuracy(set: LabelledImages): Promise<number>;
  /** Weights and the optimiser's memory. */
  save(): Promise<Float32Array>;
  restore(state: Float32Array): Promise<void>;
  /** In the order of `Network.weights()`. */
  weights(): Promise<Float32Array>;
  dispose(): void;
}

export interface TrainerDefinition<S extends ParamsSchema = ParamsSchema> extends PluginFacts<S> {
  readonly kind: "trainer";
  /** the backend that it needs */
  readonly backend: string;
  /** largest number of epochs */
  epochs(params: Params<S>): number;
  /** Train accuracy in [0, 1] at which it ends; one that never gets there is an error. Without it all epochs are run. */
  until(params: Params<S>): number | undefined;
  /** Begins from the weights that the network has. The network is released afterwards. */
  start(network: Network, set: LabelledImages, params: Params<S>): Promise<Training>;
}

export const defineTrainer = <S extends ParamsSchema>(definition: Omit<TrainerDefinition<S>, "kind">): TrainerDefinition<S> =>
  Object.freeze({ kind: "trainer", ...definition });

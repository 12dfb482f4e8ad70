import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import type { Graph } from "../graph/graph.js";
import type { WeightTable } from "../graph/weights.js";
import type { Rule } from "../rules/rule.js";

export const BACKENDS = ["onnxruntime", "tensorflow", "wasm"] as const;
export type BackendName = (typeof BACKENDS)[number];

/** What a reverse pass is asked: v·logits, differentiated at the output of a node that the logits depend on. */
export interface GradientQuestion {
  /** v, `[n, classes]` */
  readonly dy: Float32Array;
  readonly to: string;
  readonly rule: Rule;
}

/** A graph with weights on a compute library. Inputs are `[n, h, w, c]`; the caller owns what it is given. */
export interface Computation {
  /** images in a batch at which a gradient map is cheapest */
  readonly batch: number;
  /** the output of a node */
  output(x: Tensor4D, node: string): Promise<Tensor>;
  gradient(x: Tensor4D, question: GradientQuestion): Promise<Tensor>;
  /** The same graph with other weights; what has the same weights is shared. */
  withWeights(weights: WeightTable): Computation;
  /** Releases what is not shared. */
  dispose(): void;
}

/** A compute library behind the network: one folder each. */
export interface Executor {
  readonly name: BackendName;
  /** Whether it can be loaded, without loading it. */
  available(): boolean;
  /** Name and version of its package, without loading it. */
  package(): string;
  /** Loads it for so many threads, makes the TensorFlow.js backend active that its tensors live on, and returns the library's version. */
  start(threads: number): Promise<string>;
  compute(graph: Graph, weights: WeightTable): Computation;
}

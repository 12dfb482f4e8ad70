import type { Emitter } from "../emitter.js";
import { conv2d, depthwiseConv2d } from "./convolution.js";
import { averagePool, globalAveragePool, maxPool } from "./pooling.js";
import { add, batchNormalization, concatenate, dense, flatten, identity, relu, softmax, zeroPadding2d } from "./simple.js";

/** By kind of operation. A network with another kind is run by the next executor. */
export const emitters: Readonly<Record<string, Emitter>> = {
  add,
  "average-pool": averagePool,
  "batch-normalization": batchNormalization,
  concatenate,
  conv2d,
  dense,
  "depthwise-conv2d": depthwiseConv2d,
  flatten,
  "global-average-pool": globalAveragePool,
  identity,
  "max-pool": maxPool,
  relu,
  softmax,
  "zero-padding2d": zeroPadding2d,
};

import { emitter, type Emitter } from "../emitter.js";
import { clip, hardSigmoid, leakyRelu, logSoftmax, sigmoid } from "./activation.js";
import { add, constantAffine, divide, multiply, subtract } from "./arithmetic.js";
import { conv2d, depthwiseConv2d, groupedConv2d } from "./convolution.js";
import { averagePool, globalAveragePool, maxPool } from "./pooling.js";
import { rearrange } from "./rearrange.js";
import { batchNormalization, concatenate, dense, flatten, identity, relu, softmax, zeroPadding2d } from "./simple.js";

/** By kind of operation. A network with another kind is run by the next executor. */
export const emitters: Readonly<Record<string, Emitter>> = {
  add,
  "average-pool": averagePool,
  "batch-normalization": batchNormalization,
  clip,
  concatenate,
  "constant-affine": constantAffine,
  conv2d,
  dense,
  "depthwise-conv2d": depthwiseConv2d,
  divide,
  flatten,
  "global-average-pool": globalAveragePool,
  "grouped-conv2d": groupedConv2d,
  "hard-sigmoid": hardSigmoid,
  identity,
  "leaky-relu": leakyRelu,
  "log-softmax": logSoftmax,
  "max-pool": emitter(maxPool),
  multiply,
  rearrange,
  relu,
  sigmoid,
  softmax,
  subtract,
  "zero-padding2d": zeroPadding2d,
};

import { clip, hardSigmoid, hardSwish, leakyRelu, logSoftmax, nothing, relu, sigmoid, softmax } from "./activation.js";
import { add, divide, multiply, subtract, sum } from "./arithmetic.js";
import { conv } from "./convolution.js";
import { gemm, matMul } from "./dense.js";
import { batchNormalization } from "./normalization.js";
import type { Operator } from "./operator.js";
import { averagePool, globalAveragePool, globalMaxPool, maxPool, reduceMean } from "./pooling.js";
import { concat, flatten, pad, reshape, squeeze, transpose, unsqueeze } from "./shaping.js";

/** The operators that a network may apply to its input. */
export const operators: Readonly<Record<string, Operator>> = {
  Add: add,
  AveragePool: averagePool,
  BatchNormalization: batchNormalization,
  Cast: nothing,
  Clip: clip,
  Concat: concat,
  Conv: conv,
  Div: divide,
  Dropout: nothing,
  Flatten: flatten,
  Gemm: gemm,
  GlobalAveragePool: globalAveragePool,
  GlobalMaxPool: globalMaxPool,
  HardSigmoid: hardSigmoid,
  HardSwish: hardSwish,
  Identity: nothing,
  LeakyRelu: leakyRelu,
  LogSoftmax: logSoftmax,
  MatMul: matMul,
  MaxPool: maxPool,
  Mul: multiply,
  Pad: pad,
  ReduceMean: reduceMean,
  Relu: relu,
  Reshape: reshape,
  Sigmoid: sigmoid,
  Softmax: softmax,
  Squeeze: squeeze,
  Sub: subtract,
  Sum: sum,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
};

import * as tf from "@tensorflow/tfjs-core";
import type * as declarations from "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js";

/** Carries the method declarations into the types of whoever imports `@assay/core/plugin`. */
export type ChainedOps = typeof declarations;

/**
 * Formulas read best as methods (`x.sub(b).mul(g)`), but tfjs-core alone adds them only in a module that Node cannot load.
 * These are the ones whose first argument is the tensor itself.
 */
const METHODS = [
  "abs", "add", "all", "any", "argMax", "argMin", "atan2", "avgPool", "broadcastTo", "cast", "ceil", "clipByValue", "conv2d", "cos", "cumsum",
  "depthwiseConv2d", "div", "divNoNan", "dot", "elu", "equal", "exp", "expandDims", "flatten", "floor", "gather", "greater", "greaterEqual",
  "isFinite", "isInf", "isNaN", "leakyRelu", "less", "lessEqual", "log", "log1p", "logSumExp", "logicalAnd", "logicalNot", "logicalOr", "matMul",
  "max", "maxPool", "maximum", "mean", "min", "minimum", "mirrorPad", "mod", "mul", "neg", "norm", "notEqual", "oneHot", "onesLike", "pad", "pow",
  "prod", "reciprocal", "relu", "relu6", "reshape", "reverse", "round", "rsqrt", "sigmoid", "sign", "sin", "slice", "softmax", "softplus", "split",
  "sqrt", "square", "squaredDifference", "squeeze", "stridedSlice", "sub", "sum", "tan", "tanh", "tile", "topk", "transpose", "unstack", "zerosLike",
] as const; // prettier-ignore

const operations = tf as unknown as Record<string, ((...args: unknown[]) => unknown) | undefined>;

function define(name: string, method: (this: tf.Tensor, ...args: unknown[]) => unknown): void {
  if (!(name in tf.Tensor.prototype))
    Object.defineProperty(tf.Tensor.prototype, name, { value: method, writable: true, configurable: true });
}

for (const name of METHODS) {
  const operation = operations[name];
  if (operation) define(name, function (...args) { return operation(this, ...args); }); // prettier-ignore
}
define("concat", function (others, axis) {
  return tf.concat([this, ...(Array.isArray(others) ? (others as tf.Tensor[]) : [others as tf.Tensor])], axis as number);
});
define("stack", function (others, axis) {
  return tf.stack([this, ...(Array.isArray(others) ? (others as tf.Tensor[]) : [others as tf.Tensor])], axis as number);
});

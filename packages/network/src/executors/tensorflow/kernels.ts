import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import type { Kernels, Padding, Pair } from "../../ops/operation.js";
import { planePadding } from "../plane-padding.js";

interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** What is used of tfjs-node's backend: any TensorFlow operation by name. */
interface NodeBackend {
  readonly binding: Readonly<Record<"TF_ATTR_TYPE" | "TF_ATTR_INT" | "TF_ATTR_STRING" | "TF_ATTR_BOOL" | "TF_FLOAT" | "TF_INT32", number>>;
  executeSingleOutput(name: string, attributes: readonly Attribute[], inputs: readonly Tensor[]): Tensor;
}

const backend = (): NodeBackend => tf.backend() as unknown as NodeBackend;

function run(name: string, inputs: readonly Tensor[], windows: Readonly<Record<string, readonly number[] | string>> = {}): Tensor {
  const node = backend();
  const { TF_ATTR_TYPE, TF_ATTR_INT, TF_ATTR_STRING, TF_FLOAT } = node.binding;
  const attributes = Object.entries(windows).map(([key, value]) => ({
    name: key,
    type: typeof value === "string" ? TF_ATTR_STRING : TF_ATTR_INT,
    value,
  }));
  return node.executeSingleOutput(name, [{ name: "T", type: TF_ATTR_TYPE, value: TF_FLOAT }, ...attributes], inputs);
}

const spatial = ([rows, columns]: Pair): number[] => [1, rows, columns, 1];

/**
 * A kernel with zeros between its entries, to be used without dilation. TensorFlow's oneDNN code knows dilation everywhere; its plain code, which
 * runs on processors that oneDNN is not switched on for, knows it in the forward convolution only.
 */
function spread(kernel: Tensor4D, [rows, columns]: Pair): Tensor4D {
  const [h, w, i, o] = kernel.shape;
  if (rows === 1 && columns === 1) return kernel;
  return tf.tidy(() => {
    const apart = tf.pad(tf.reshape(kernel, [h, 1, w, 1, i * o]), [[0, 0], [0, rows - 1], [0, 0], [0, columns - 1], [0, 0]]); // prettier-ignore
    return tf.slice(tf.reshape<tf.Rank.R4>(apart, [h * rows, w * columns, i, o]), 0, [(h - 1) * rows + 1, (w - 1) * columns + 1, i, o]);
  });
}

const padded = (padding: Padding): Record<string, string | readonly number[]> =>
  typeof padding === "string"
    ? { padding: padding.toUpperCase() }
    : { padding: "EXPLICIT", explicit_paddings: [0, 0, ...padding[0], ...padding[1], 0, 0] };

/** TensorFlow's own gradient operations: one native call each, with its multi-threaded implementation. */
export const tensorflowKernels: Kernels = {
  convolution: (x, kernel, { strides, padding, dilations }) =>
    tf.conv2d(x, kernel, [...strides], planePadding(padding), "NHWC", [...dilations]),

  depthwise: (x, kernel, { strides, padding, dilations }) =>
    tf.depthwiseConv2d(x, spread(kernel, dilations), [...strides], planePadding(padding), "NHWC"),

  convolutionGradient: (dy, kernel, inputShape, { strides, padding, dilations }) =>
    run("Conv2DBackpropInput", [tf.tensor1d([...inputShape], "int32"), spread(kernel, dilations), dy], {
      strides: spatial(strides),
      ...padded(padding),
      dilations: [1, 1, 1, 1],
      data_format: "NHWC",
    }) as Tensor4D,

  depthwiseGradient: (dy, kernel, inputShape, { strides, padding, dilations }) =>
    run("DepthwiseConv2dNativeBackpropInput", [tf.tensor1d([...inputShape], "int32"), spread(kernel, dilations), dy], {
      strides: spatial(strides),
      ...padded(padding),
      dilations: [1, 1, 1, 1],
      data_format: "NHWC",
    }) as Tensor4D,

  maxPoolGradient: (dy, x, y, { size, strides, padding }) =>
    run("MaxPoolGrad", [x, y, dy], {
      ksize: spatial(size),
      strides: spatial(strides),
      padding: padding.toUpperCase(),
      data_format: "NHWC",
    }) as Tensor4D,

  averagePoolGradient: (dy, inputShape, { size, strides, padding }) =>
    run("AvgPoolGrad", [tf.tensor1d([...inputShape], "int32"), dy], {
      ksize: spatial(size),
      strides: spatial(strides),
      padding: padding.toUpperCase(),
      data_format: "NHWC",
    }) as Tensor4D,

  reluGradient: (dy, y, maximum) => {
    if (maximum === Infinity) return run("ReluGrad", [dy, y]);
    if (maximum === 6) return run("Relu6Grad", [dy, y]);
    return run("ReluGrad", [tf.mul(dy, tf.less(y, maximum)), y]);
  },

  denseGradient: (dy, kernel) => tf.matMul(dy, kernel, false, true),

  addBias: (x, bias) => run("BiasAdd", [x, bias], { data_format: "NHWC" }),
};

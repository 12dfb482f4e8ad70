import { AssayError } from "@assay/core/plugin";
import type { InitializerFacts } from "../graph/graph.js";
import * as ops from "../ops/index.js";
import type { Operation, Pair, PoolWindow, Window } from "../ops/operation.js";
import type { Config } from "./config.js";

/** What a layer class becomes: an operation, and one more for an inline activation. */
export interface Lowered {
  readonly operation: Operation;
  readonly activation?: Operation;
  readonly initializers?: Readonly<Record<string, InitializerFacts>>;
}

const activations: Readonly<Record<string, Operation>> = {
  linear: ops.identity,
  relu: ops.relu(),
  relu6: ops.relu(6),
  softmax: ops.softmax,
};

/** A layer that cannot be imported: says which, why, and what can. */
export function unsupported(layer: string, kind: string, why = ""): AssayError {
  return new AssayError({
    code: "MODEL-UNSUPPORTED-LAYER",
    where: `layer ${layer}`,
    what: `${kind}${why && ` with ${why}`} is not supported`,
    expected: `one of ${Object.keys(layerClasses).join(", ")}; activations ${Object.keys(activations).join(", ")}`,
    exit: 2,
  });
}

function activation(config: Config, kind: string): Operation {
  const name = config.text("activation", "linear");
  const found = Object.hasOwn(activations, name) ? activations[name] : undefined;
  if (!found) throw unsupported(config.text("name", "?"), kind, `activation ${name}`);
  return found;
}

function weighted(config: Config, kind: string, operation: Operation, weights: readonly string[]): Lowered {
  const inline = activation(config, kind);
  const drawn = weights.flatMap((name): [string, InitializerFacts][] => {
    const facts = config.initializer(`${name.replace(/_kernel$/, "")}_initializer`);
    return facts ? [[name, facts]] : [];
  });
  return { operation, ...(inline !== ops.identity && { activation: inline }), initializers: Object.fromEntries(drawn) };
}

function window(config: Config): Window {
  const [strides, dilations] = [config.pair("strides", [1, 1]), config.pair("dilation_rate", [1, 1])];
  if (Math.max(...strides) > 1 && Math.max(...dilations) > 1) {
    throw unsupported(config.text("name", "?"), "a convolution", "both strides and dilations");
  }
  return { strides, dilations, padding: config.padding() };
}

function pool(config: Config): PoolWindow {
  const size = config.pair("pool_size", [2, 2]);
  return { size, strides: config.pair("strides", size), padding: config.padding() };
}

function relu(config: Config): Operation {
  if (config.number("negative_slope", 0) !== 0) throw unsupported(config.text("name", "?"), "ReLU", "a negative slope");
  if (config.number("threshold", 0) !== 0) throw unsupported(config.text("name", "?"), "ReLU", "a threshold");
  return ops.relu(config.number("max_value", Infinity));
}

function zeroPadding(config: Config): Operation {
  const value = config.values["padding"] ?? [1, 1];
  const sides = Array.isArray(value) ? (value as unknown[]) : [value, value];
  const [rows, columns] = sides.map((side): Pair => {
    if (typeof side === "number") return [side, side];
    const [before, after] = Array.isArray(side) ? (side as unknown[]) : [];
    if (typeof before === "number" && typeof after === "number") return [before, after];
    throw config.fail("padding", "cells a side");
  });
  if (!rows || !columns) throw config.fail("padding", "cells of rows and columns");
  return ops.zeroPadding2d(rows, columns);
}

const identity = (): Lowered => ({ operation: ops.identity });

/** The layer classes of TensorFlow.js and Keras files that can be imported. */
export const layerClasses: Readonly<Record<string, (config: Config) => Lowered>> = {
  Conv2D: (config) => {
    const convolution = {
      ...window(config),
      size: config.pair("kernel_size"),
      filters: config.number("filters"),
      bias: config.flag("use_bias", true),
    };
    if (config.number("groups", 1) !== 1) throw unsupported(config.text("name", "?"), "Conv2D", "groups");
    return weighted(config, "Conv2D", ops.conv2d(convolution), ["kernel", "bias"]);
  },
  DepthwiseConv2D: (config) => {
    const bias = config.flag("use_bias", true);
    const convolution = { ...window(config), size: config.pair("kernel_size"), multiplier: config.number("depth_multiplier", 1), bias };
    return weighted(config, "DepthwiseConv2D", ops.depthwiseConv2d(convolution), ["depthwise_kernel", "bias"]);
  },
  Dense: (config) =>
    weighted(config, "Dense", ops.dense({ units: config.number("units"), bias: config.flag("use_bias", true) }), ["kernel", "bias"]),
  BatchNormalization: (config) => {
    const { axis = -1 } = config.values;
    // Axis 1 is the last of a vector's two; the graph checks an image's by the shapes of the weights.
    const along: unknown = Array.isArray(axis) ? (axis as unknown[])[0] : axis;
    if (along !== -1 && along !== 3 && along !== 1)
      throw unsupported(config.text("name", "?"), "BatchNormalization", `axis ${String(along)}`);
    const parts = { epsilon: config.number("epsilon", 0.001), center: config.flag("center", true), scale: config.flag("scale", true) };
    return { operation: ops.batchNormalization(parts) };
  },
  Activation: (config) => ({ operation: activation(config, "Activation") }),
  ReLU: (config) => ({ operation: relu(config) }),
  Softmax: (config) => {
    if (config.number("axis", -1) !== -1) throw unsupported(config.text("name", "?"), "Softmax", "an axis other than the last");
    return { operation: ops.softmax };
  },
  MaxPooling2D: (config) => ({ operation: ops.maxPool(pool(config)) }),
  AveragePooling2D: (config) => ({ operation: ops.averagePool(pool(config)) }),
  GlobalAveragePooling2D: (config) => ({ operation: ops.globalAveragePool(config.flag("keepdims", false)) }),
  ZeroPadding2D: (config) => ({ operation: zeroPadding(config) }),
  Add: () => ({ operation: ops.add }),
  Concatenate: (config) => ({ operation: ops.concatenate(config.number("axis", -1)) }),
  Flatten: () => ({ operation: ops.flatten }),
  Dropout: identity,
  SpatialDropout2D: identity,
};

import type { Tensor } from "@tensorflow/tfjs-core";

const read = new WeakMap<object, Float32Array>();

/** The values of a tensor of floats, which are not to be changed: the backend makes one copy, whoever asks. */
export function valuesOf(x: Tensor): Float32Array {
  const values = read.get(x.dataId) ?? x.dataSync<"float32">();
  read.set(x.dataId, values);
  return values;
}

import { readFileSync } from "node:fs";
import { scalar, tensor, type Tensor } from "@tensorflow/tfjs-core";
import { AssayError } from "../errors/error.js";
import { decodeNpy, type NpyArray } from "../store/npy.js";

/** The value of a `numberOrFile` parameter: a scalar, or the array in the file, which must be shaped like one input. */
export function arrayParam(value: number | string, inputShape: readonly number[]): Tensor {
  if (typeof value === "number") return scalar(value);
  const { shape, values } = readArray(value);
  if (shape.join() === inputShape.join()) return tensor(Float32Array.from(values), shape, "float32");
  throw new AssayError({
    code: "ARRAY-SHAPE",
    where: value,
    what: "the array does not have the shape of one input",
    expected: `[${inputShape.join(", ")}]`,
    got: `[${shape.join(", ")}]`,
  });
}

function readArray(file: string): NpyArray {
  try {
    return decodeNpy(readFileSync(file), file);
  } catch (error) {
    if (error instanceof AssayError) throw error;
    const what = error instanceof Error ? error.message : String(error);
    throw new AssayError({ code: "ARRAY-FILE", where: file, what: `the array cannot be read: ${what}` }, { cause: error });
  }
}

import { readFileSync } from "node:fs";
import { scalar, tensor, type Tensor } from "@tensorflow/tfjs-core";
import { AssayError } from "../errors/error.js";
import { decodeMapFile } from "../store/map-file.js";

/** The value of a `numberOrFile` parameter: a scalar, or the array in the file, which must be shaped like one input. */
export function arrayParam(value: number | string, inputShape: readonly number[]): Tensor {
  if (typeof value === "number") return scalar(value);
  const expected = inputShape.reduce((product, side) => product * side, 1);
  const values = readFile(value);
  if (values.length === expected) return tensor(Float32Array.from(values), [...inputShape]);
  throw new AssayError({
    code: "ARRAY-SHAPE",
    where: value,
    what: "the array does not have the shape of one input",
    expected: `[${inputShape.join(", ")}]`,
    got: `${values.length} values`,
  });
}

function readFile(file: string): Float32Array {
  try {
    return decodeMapFile(readFileSync(file));
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new AssayError({ code: "ARRAY-FILE", where: file, what: `the array cannot be read: ${what}` }, { cause: error });
  }
}

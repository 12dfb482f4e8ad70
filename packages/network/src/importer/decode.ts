import { AssayError } from "@assay/core/plugin";
import type { HostArray } from "../ops/operation.js";
import type { Config } from "./config.js";

const BYTES: Readonly<Record<string, number>> = { float32: 4, float16: 2, uint8: 1, uint16: 2, int32: 4, bool: 1 };

/** One weight at the beginning of `data`, in float32: as stored, or quantised (float16, or uint8 and uint16 as value·scale + min). */
export function decode(spec: Config, data: Uint8Array): { array: HostArray; length: number } {
  const shape = spec.list("shape").map((size) => {
    if (typeof size === "number") return size;
    throw spec.fail("shape", "numbers");
  });
  const quantization = spec.values["quantization"] === undefined ? undefined : spec.object("quantization");
  const dtype = (quantization ?? spec).text("dtype");
  const width = BYTES[dtype];
  if (width === undefined) throw (quantization ?? spec).fail("dtype", Object.keys(BYTES).join(", "));
  const count = shape.reduce((a, b) => a * b, 1);
  const length = count * width;
  if (data.length < length) {
    const what = `the weight files end within ${spec.text("name")}`;
    throw new AssayError({
      code: "MODEL-WEIGHTS-LENGTH",
      where: spec.where,
      what,
      expected: `${length} more bytes`,
      got: `${data.length}`,
      next: "Copy the model's files again",
    });
  }
  const stored = source(dtype, data.subarray(0, length));
  const values = new Float32Array(count);
  if (quantization && dtype !== "float16") {
    const [scale, min] = [quantization.number("scale"), quantization.number("min")];
    for (let i = 0; i < count; i++) values[i] = stored[i]! * scale + min;
  } else if (dtype === "float16") {
    for (let i = 0; i < count; i++) values[i] = half(stored[i]!);
  } else {
    values.set(stored);
  }
  return { array: { shape, values }, length };
}

/** The numbers as they are stored, little-endian as every machine that TensorFlow runs on; wide ones may lie unaligned, so they are copied. */
function source(dtype: string, bytes: Uint8Array): Float32Array | Int32Array | Uint16Array | Uint8Array {
  if (BYTES[dtype] === 1) return bytes;
  const { buffer } = new Uint8Array(bytes);
  if (dtype === "float32") return new Float32Array(buffer);
  return dtype === "int32" ? new Int32Array(buffer) : new Uint16Array(buffer);
}

/** IEEE 754 half precision. */
export function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * 2 ** -24 * fraction;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}

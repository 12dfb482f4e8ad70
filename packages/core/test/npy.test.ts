import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { AssayError } from "../src/errors/error.js";
import { decodeNpy, encodeNpy } from "../src/store/npy.js";

const ORACLE = new URL("../../../../shared/oracle/metrics/", import.meta.url);

/** An .npy file by hand. */
function npy(header: string, payload: Uint8Array, version = 1): Uint8Array {
  const length = version === 1 ? [header.length & 255, header.length >> 8] : [header.length & 255, header.length >> 8, 0, 0];
  return Uint8Array.from([
    0x93,
    ...new TextEncoder().encode("NUMPY"),
    version,
    0,
    ...length,
    ...new TextEncoder().encode(header),
    ...payload,
  ]);
}
const header = (descr: string, order: string, shape: string) => `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
const bytes = (array: Float32Array | Float64Array | Int32Array) => new Uint8Array(array.buffer);

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof AssayError) return `${error.code} ${error.facts.where}`;
    throw error;
  }
  return "no error";
}

describe("npy", () => {
  it.each([[[]], [[6]], [[2, 3]], [[1, 2, 3, 1]]])("reads back what it wrote, shape %j", (shape) => {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i) * 1e-3);
    const file = encodeNpy(values, shape);
    expect(decodeNpy(file, "x.npy")).toEqual({ values, shape });
    expect((file.length - values.byteLength) % 64).toBe(0);
  });

  it("writes the bytes that numpy wrote, and reads them at any offset", () => {
    const file = readFileSync(new URL("unit-28x35.a.npy", ORACLE));
    const { values, shape } = decodeNpy(file, "unit-28x35.a.npy");
    expect(shape).toEqual([28, 35]);
    expect(Math.max(...values)).toBe(1);
    expect(Buffer.from(encodeNpy(Float32Array.from(values), shape)).equals(file)).toBe(true);
    const shifted = new Uint8Array(file.length + 1);
    shifted.set(file, 1);
    expect(decodeNpy(shifted.subarray(1), "shifted").values).toEqual(values);
  });

  it("keeps float64, and turns bytes and integers into float32", () => {
    expect(decodeNpy(readFileSync(new URL("unit-28.hog-a.npy", ORACLE)), "hog").values).toBeInstanceOf(Float64Array);
    const read = (descr: string, payload: Uint8Array) => decodeNpy(npy(header(descr, "False", "(2,)"), payload), "x").values;
    expect(read("'<f8'", bytes(Float64Array.of(0.1, -2)))).toEqual(Float64Array.of(0.1, -2));
    expect(read("'|u1'", Uint8Array.of(7, 255))).toEqual(Float32Array.of(7, 255));
    expect(read("'<i4'", bytes(Int32Array.of(-3, 16777217)))).toEqual(Float32Array.of(-3, 16777216));
  });

  it.each([1, 2, 3])("reads version %i", (version) => {
    expect(decodeNpy(npy(header("'<f4'", "False", "(1, 2)"), bytes(Float32Array.of(1, 2)), version), "x")).toEqual({
      values: Float32Array.of(1, 2),
      shape: [1, 2],
    });
  });

  it.each([
    ["NPY-MAGIC", "another kind of file", new TextEncoder().encode("PNG and so on, long enough")],
    ["NPY-MAGIC", "an empty file", new Uint8Array()],
    ["NPY-MAGIC", "an unknown version", npy(header("'<f4'", "False", "(1,)"), new Uint8Array(4), 4)],
    ["NPY-MAGIC", "a broken header", npy("{'descr': '<f4'}\n", new Uint8Array(4))],
    ["NPY-TRUNCATED", "a file cut in its header", encodeNpy(new Float32Array(2), [2]).subarray(0, 40)],
    ["NPY-TRUNCATED", "a file cut in its first bytes", encodeNpy(new Float32Array(2), [2]).subarray(0, 7)],
    ["NPY-TRUNCATED", "a file cut in its values", encodeNpy(new Float32Array(2), [2]).subarray(0, -1)],
    ["NPY-ORDER", "Fortran order", npy(header("'<f4'", "True", "(1, 2)"), new Uint8Array(8))],
    ["NPY-DTYPE", "big-endian values", npy(header("'>f4'", "False", "(2,)"), new Uint8Array(8))],
    ["NPY-DTYPE", "objects", npy(header("'|O'", "False", "(2,)"), new Uint8Array(16))],
    ["NPY-DTYPE", "a structured type", npy(header("[('a', '<f4')]", "False", "(2,)"), new Uint8Array(8))],
  ])("says %s and the file for %s", (code, _, file) => {
    expect(codeOf(() => decodeNpy(file, "maps/x.npy"))).toBe(`${code} maps/x.npy`);
  });

  it("refuses a shape that does not hold the values", () => {
    expect(() => encodeNpy(new Float32Array(3), [2, 2])).toThrow(/NPY-SHAPE/);
  });
});

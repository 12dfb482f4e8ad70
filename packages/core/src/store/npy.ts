import { endianness } from "node:os";
import { AssayError } from "../errors/error.js";

export interface NpyArray {
  readonly values: Float32Array | Float64Array;
  readonly shape: number[];
}

type Reader = (view: DataView, offset: number) => number;

/** What `descr` may say. `<f8` stays float64; all else becomes float32 (`|u1` exactly, `<i4` rounded to the nearest float32). */
const READERS: Readonly<Record<string, { readonly bytes: number; readonly read: Reader }>> = {
  "<f4": { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  "<f8": { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  "<i4": { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  "|u1": { bytes: 1, read: (view, at) => view.getUint8(at) },
};

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** A float32 array as an `.npy` file, version 1.0, C order: the bytes numpy's `save` writes. */
export function encodeNpy(values: Float32Array, shape: readonly number[]): Uint8Array {
  const size = shape.reduce((product, side) => product * side, 1);
  if (size !== values.length) {
    throw new AssayError({
      code: "NPY-SHAPE",
      what: "the shape does not hold the values",
      expected: `${size} values`,
      got: `${values.length}`,
    });
  }
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(", ")}${shape.length === 1 ? "," : ""}), }`;
  const start = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const file = new Uint8Array(start + 4 * values.length);
  const view = new DataView(file.buffer);
  file.set([...MAGIC, 1, 0]);
  view.setUint16(8, start - 10, true);
  file.set(new TextEncoder().encode(`${dictionary.padEnd(start - 11, " ")}\n`), 10);
  if (endianness() === "LE") file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), start);
  else values.forEach((value, i) => view.setFloat32(start + 4 * i, value, true));
  return file;
}

/** Reads versions 1 to 3 in C order, little endian. `where` names the file in errors. */
export function decodeNpy(file: Uint8Array, where: string): NpyArray {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (MAGIC.some((byte, i) => file[i] !== byte)) {
    throw new AssayError({
      code: "NPY-MAGIC",
      where,
      what: "this is not an .npy file",
      expected: "the bytes \\x93NUMPY first",
      next: SAVE,
    });
  }
  const version = file[6] ?? 0;
  if (file.length >= 8 && (version < 1 || version > 3)) {
    throw new AssayError({
      code: "NPY-MAGIC",
      where,
      what: "unknown version of the .npy format",
      expected: "1, 2 or 3",
      got: `${version}`,
      next: SAVE,
    });
  }
  const lengthBytes = version === 1 ? 2 : 4;
  if (file.length < 8 + lengthBytes) throw truncated(where, `${8 + lengthBytes} bytes of header`, file.length);
  const start = 8 + lengthBytes + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (file.length < start) throw truncated(where, `${start} bytes of header`, file.length);
  const { reader, shape } = readHeader(new TextDecoder().decode(file.subarray(8 + lengthBytes, start)), where);
  const count = shape.reduce((product, side) => product * side, 1);
  if (file.length - start < count * reader.bytes) throw truncated(where, `${start + count * reader.bytes} bytes`, file.length);
  const values = reader.bytes === 8 ? new Float64Array(count) : new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = reader.read(view, start + i * reader.bytes);
  return { values, shape };
}

function readHeader(header: string, where: string): { readonly reader: (typeof READERS)[string]; readonly shape: number[] } {
  const descr = /['"]descr['"]\s*:\s*(?:['"]([^'"]*)['"]|(\[))/.exec(header);
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(header)?.[1];
  const sides = /['"]shape['"]\s*:\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  if (!descr || order === undefined || sides === undefined) {
    throw new AssayError({ code: "NPY-MAGIC", where, what: "the header of the .npy file cannot be read", got: header.trim(), next: SAVE });
  }
  const type = descr[1] ?? "a structured type";
  const reader = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  if (!reader) {
    const expected = Object.keys(READERS).join(", ");
    throw new AssayError({ code: "NPY-DTYPE", where, what: "this type of values is not read", expected, got: type, next: SAVE });
  }
  if (order === "True") {
    throw new AssayError({
      code: "NPY-ORDER",
      where,
      what: "the array is stored column by column",
      expected: "C order",
      got: "Fortran order",
      next: SAVE,
    });
  }
  return { reader, shape: (sides.match(/\d+/g) ?? []).map(Number) };
}

const SAVE = 'Write it with numpy.save(file, numpy.ascontiguousarray(array, "<f4")).';

const truncated = (where: string, expected: string, bytes: number): AssayError =>
  new AssayError({ code: "NPY-TRUNCATED", where, what: "the file ends too early", expected, got: `${bytes} bytes` });

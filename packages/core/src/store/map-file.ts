import { AssayError } from "../errors/error.js";

/** A float32 array in the `.npy` format, version 1.0, C order, so that numpy reads what the store holds. */
export function encodeMapFile(values: Float32Array, shape: readonly number[]): Uint8Array {
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(", ")}${shape.length === 1 ? "," : ""}), }`;
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const file = new Uint8Array(length + values.byteLength);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  new DataView(file.buffer).setUint16(8, length - 10, true);
  file.set(new TextEncoder().encode(dictionary.padEnd(length - 11, " ") + "\n"), 10);
  file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), length);
  return file;
}

/** The values of a file that `encodeMapFile` wrote, in memory that worker threads can share. */
export function decodeMapFile(file: Uint8Array): Float32Array<SharedArrayBuffer> {
  const offset = 10 + new DataView(file.buffer, file.byteOffset).getUint16(8, true);
  const bytes = file.byteLength - offset;
  if (bytes < 0 || bytes % 4 !== 0) throw new AssayError({ code: "STORE-DAMAGED", what: "a stored map file has the wrong length" });
  const shared = new SharedArrayBuffer(bytes);
  new Uint8Array(shared).set(file.subarray(offset));
  return new Float32Array(shared);
}

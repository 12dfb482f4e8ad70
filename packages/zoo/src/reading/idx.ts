import { AssayError } from "@assay/core/plugin";

/** What an IDX file of unsigned bytes holds: `values` row-major in the shape `sizes`, without a copy. */
export interface Idx {
  readonly sizes: readonly number[];
  readonly values: Uint8Array;
}

/**
 * Reads LeCun's IDX format: two zero bytes, type 8 (unsigned byte), the number of axes, one big-endian size an axis, the values.
 * A file of another type, or whose length is not what its header promises, is an error.
 */
export function parseIdx(bytes: Uint8Array, where: string): Idx {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = bytes.byteLength >= 4 ? view.getUint32(0) : undefined;
  const axes = (magic ?? 0) & 0xff;
  const header = 4 + 4 * axes;
  if (magic === undefined || magic >>> 8 !== 8 || axes === 0 || bytes.byteLength < header) {
    throw new AssayError({
      code: "IDX-MAGIC",
      where,
      what: "this is not an IDX file of unsigned bytes",
      expected: "a file that begins with 00 00 08",
      got: magic === undefined ? `${String(bytes.byteLength)} bytes` : magic.toString(16).padStart(8, "0"),
    });
  }
  const sizes = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const expected = header + sizes.reduce((product, size) => product * size, 1);
  if (bytes.byteLength !== expected) {
    throw new AssayError({
      code: "IDX-LENGTH",
      where,
      what: "the file does not hold what its header promises",
      expected: `${String(expected)} bytes`,
      got: `${String(bytes.byteLength)} bytes`,
    });
  }
  return { sizes, values: new Uint8Array(bytes.buffer, bytes.byteOffset + header, bytes.byteLength - header) };
}

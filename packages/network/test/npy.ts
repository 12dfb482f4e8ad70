import { readFileSync } from "node:fs";

export interface Npy {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A little-endian float32 array in C order. */
export function readNpy(path: string): Npy {
  const bytes = readFileSync(path);
  const header = bytes.subarray(10, 10 + bytes.readUInt16LE(8)).toString("latin1");
  if (!header.includes("'<f4'") || !header.includes("'fortran_order': False")) throw new Error(`${path}: ${header}`);
  const shape = (/\(([^)]*)\)/.exec(header)?.[1] ?? "")
    .split(",")
    .filter((size) => size.trim() !== "")
    .map(Number);
  return {
    shape,
    values: new Float32Array(bytes.buffer.slice(bytes.byteOffset + 10 + bytes.readUInt16LE(8), bytes.byteOffset + bytes.length)),
  };
}

import { bytes } from "./bytes.js";

/** The functions of assembly/; places are byte offsets in the memory that they all work in. */
interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly base: { readonly value: number };
  hog(map: number, cells: number, blocks: number, height: number, width: number, channels: number, cell: number): void;
  ranks(values: number, count: number, to: number, first: number, second: number, starts: number, middle: number): void;
  sorted(values: number, count: number, first: number, second: number, starts: number): number;
  /** false where there is no direction */
  unit(values: number, count: number): number;
  centredUnit(values: number, count: number): number;
  centres(map: number, to: number, height: number, width: number, channels: number): void;
  moments(map: number, centres: number, to: number, scratch: number, height: number, width: number, channels: number): void;
  scratchBytes(height: number, channels: number): number;
  similarity(
    ...args: [
      ...a: [map: number, centres: number, moments: number],
      ...b: [map: number, centres: number],
      ...[scratch: number, height: number, width: number, channels: number, C1: number, C2: number],
    ]
  ): number;
}

/** What is used of the global, which Node's types leave to the DOM's. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

const PAGE = 2 ** 16;
let loaded: Kernels | undefined;
let floats = new Float32Array();
let doubles = new Float64Array();

/** Compiled with the first call, once a thread. */
export function kernels(): Kernels {
  const code = (): Uint8Array => Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0));
  loaded ??= new WebAssembly.Instance(new WebAssembly.Module(code())).exports as Kernels;
  return loaded;
}

/** Places for arrays of so many bytes in the kernels' memory. Whatever was placed before is forgotten. */
export function places<Sizes extends number[]>(...sizes: Sizes): { [i in keyof Sizes]: number } {
  const { memory, base } = kernels();
  let end = base.value;
  for (let i = 0; i < sizes.length; i++) {
    const start = Math.ceil(end / 16) * 16;
    // SIMD reads and writes two values where the last one may stand alone.
    end = start + sizes[i]! + 16;
    sizes[i] = start;
  }
  const missing = end - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  if (floats.buffer !== memory.buffer) {
    floats = new Float32Array(memory.buffer);
    doubles = new Float64Array(memory.buffer);
  }
  return sizes as { [i in keyof Sizes]: number };
}

export const putFloats = (at: number, values: Float32Array): void => floats.set(values, at / 4);
export const putDoubles = (at: number, values: Float32Array | Float64Array): void => doubles.set(values, at / 8);
export const takeDoubles = (at: number, count: number): Float64Array => doubles.slice(at / 8, at / 8 + count);
export const integersAt = (at: number, count: number): Uint32Array => new Uint32Array(doubles.buffer, at, count);

import type { PbfWriter } from "pbf";
import type { Arranged } from "./arrangement.js";

/** Numbers of an initializer: float32, which may be arranged only where they are written, or int64 for shapes. */
export type OnnxValues = Float32Array | Arranged | BigInt64Array;
export type OnnxAttribute = number | string | readonly number[] | Float;
/** A float attribute: a plain number is an integer one. */
export interface Float {
  readonly float: number;
}
export const float = (value: number): Float => ({ float: value });

export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}
export interface Initializer {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: OnnxValues;
}
/** A value with its type; the first dimension is the batch, of any size. */
export interface Value {
  readonly name: string;
  readonly dims: readonly (number | string)[];
  readonly type?: keyof typeof TYPES;
}

/** Where the arrays of a program are looked for. */
export const ARRAYS = "arrays";

export const FLOAT_BYTES = 4;
const FLOAT = 1;
const INT64 = 7;
const TYPES = { number: FLOAT, index: INT64, truth: 9 };
const EXTERNAL = 1;

export function writeNode({ op, inputs, outputs, attributes }: Node, pbf: PbfWriter): void {
  for (const name of inputs) pbf.writeStringField(1, name);
  for (const name of outputs) pbf.writeStringField(2, name);
  pbf.writeStringField(4, op);
  for (const entry of Object.entries(attributes)) pbf.writeMessage(5, writeAttribute, entry);
}

function writeAttribute([name, value]: readonly [string, OnnxAttribute], pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  if (typeof value === "number") {
    pbf.writeVarintField(3, value);
    pbf.writeVarintField(20, 2);
  } else if (typeof value === "string") {
    pbf.writeBytesField(4, new TextEncoder().encode(value));
    pbf.writeVarintField(20, 3);
  } else if ("float" in value) {
    pbf.writeFloatField(2, value.float);
    pbf.writeVarintField(20, 1);
  } else {
    for (const each of value) pbf.writeVarintField(8, each);
    pbf.writeVarintField(20, 7);
  }
}

export function writeInitializer(
  { name, dims, values, place }: Initializer & { readonly place: number | undefined },
  pbf: PbfWriter,
): void {
  for (const size of dims) pbf.writeVarintField(1, size);
  pbf.writeVarintField(2, values instanceof BigInt64Array ? INT64 : FLOAT);
  pbf.writeStringField(8, name);
  if (place === undefined) {
    const { buffer, byteOffset, byteLength } = values instanceof BigInt64Array ? values : written(values, new Float32Array(values.length));
    pbf.writeBytesField(9, new Uint8Array(buffer, byteOffset, byteLength));
    return;
  }
  const told = { location: ARRAYS, offset: String(place), length: String(FLOAT_BYTES * values.length) };
  for (const entry of Object.entries(told)) pbf.writeMessage(13, writeEntry, entry);
  pbf.writeVarintField(14, EXTERNAL);
}

/** The numbers of an array of float32 in `out`. */
export function written<B extends ArrayBufferLike = ArrayBuffer>(values: Float32Array | Arranged, out: Float32Array<B>): Float32Array<B> {
  if (values instanceof Float32Array) out.set(values);
  else values.write(out);
  return out;
}

function writeEntry([key, value]: readonly [string, string], pbf: PbfWriter): void {
  pbf.writeStringField(1, key);
  pbf.writeStringField(2, value);
}

/** ValueInfoProto → TypeProto → Tensor → TensorShapeProto → Dimension. */
export function writeValue({ name, dims, type = "number" }: Value, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  const dimension = (size: number | string, own: PbfWriter): void => {
    if (typeof size === "number") own.writeVarintField(1, size);
    else own.writeStringField(2, size);
  };
  const shape = (_: undefined, own: PbfWriter): void => {
    for (const size of dims) own.writeMessage(1, dimension, size);
  };
  const tensor = (_: undefined, own: PbfWriter): void => {
    own.writeVarintField(1, TYPES[type]);
    own.writeMessage(2, shape, undefined);
  };
  pbf.writeMessage(2, (_: undefined, own: PbfWriter) => own.writeMessage(1, tensor, undefined), undefined);
}

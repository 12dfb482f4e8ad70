import type { PbfWriter } from "pbf";

/** Numbers of an initializer: float32, or int64 for shapes. */
export type OnnxValues = Float32Array | BigInt64Array;
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
  readonly truth?: boolean;
}

/** Where the arrays of a program are looked for. */
export const ARRAYS = "arrays";

const FLOAT = 1;
const INT64 = 7;
const BOOL = 9;
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
  pbf.writeVarintField(2, values instanceof Float32Array ? FLOAT : INT64);
  pbf.writeStringField(8, name);
  if (place === undefined) {
    pbf.writeBytesField(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return;
  }
  const told = { location: ARRAYS, offset: String(place), length: String(values.byteLength) };
  for (const entry of Object.entries(told)) pbf.writeMessage(13, writeEntry, entry);
  pbf.writeVarintField(14, EXTERNAL);
}

function writeEntry([key, value]: readonly [string, string], pbf: PbfWriter): void {
  pbf.writeStringField(1, key);
  pbf.writeStringField(2, value);
}

/** ValueInfoProto → TypeProto → Tensor → TensorShapeProto → Dimension. */
export function writeValue({ name, dims, truth }: Value, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  const dimension = (size: number | string, own: PbfWriter): void => {
    if (typeof size === "number") own.writeVarintField(1, size);
    else own.writeStringField(2, size);
  };
  const shape = (_: undefined, own: PbfWriter): void => {
    for (const size of dims) own.writeMessage(1, dimension, size);
  };
  const tensor = (_: undefined, own: PbfWriter): void => {
    own.writeVarintField(1, truth ? BOOL : FLOAT);
    own.writeMessage(2, shape, undefined);
  };
  pbf.writeMessage(2, (_: undefined, type: PbfWriter) => type.writeMessage(1, tensor, undefined), undefined);
}

import { AssayError } from "@assay/core/plugin";
import { half } from "../decode.js";
import type { TensorMessage } from "./messages.js";

/** An array that does not depend on the input: a weight, or numbers of which shapes are made. A size of the batch in it is NaN. */
export interface Constant {
  readonly dims: readonly number[];
  readonly values: Float32Array | Float64Array;
  /** the initializer that it comes from */
  readonly name?: string;
}

/** Bytes of a tensor whose data lie in another file. */
export type External = (tensor: TensorMessage) => Uint8Array;

interface DataType {
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
}

/** ONNX's data types by their number. */
const DATA_TYPES: Readonly<Record<number, DataType>> = {
  1: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  2: { bytes: 1, read: (view, at) => view.getUint8(at) },
  3: { bytes: 1, read: (view, at) => view.getInt8(at) },
  4: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  5: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  6: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  7: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  9: { bytes: 1, read: (view, at) => view.getUint8(at) },
  10: { bytes: 2, read: (view, at) => half(view.getUint16(at, true)) },
  11: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  12: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  13: { bytes: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
  16: { bytes: 2, read: (view, at) => bfloat16(view.getUint16(at, true)) },
};

const FLOAT16 = 10;
const BFLOAT16 = 16;
/** Types that come as float32; all others as float64, which holds every size. */
const FLOATS = [1, FLOAT16, BFLOAT16];

/** The numbers of a tensor: from its bytes, or from the list that fits its type. */
export function decodeTensor(tensor: TensorMessage, external: External, where: string): Constant {
  const { dims, dataType, name } = tensor;
  const count = dims.reduce((a, b) => a * b, 1);
  const type = DATA_TYPES[dataType];
  const place = `${where}, tensor ${name}`;
  if (!type)
    throw new AssayError({ code: "MODEL-TENSOR", where: place, what: `data type ${dataType} is not supported`, expected: "numbers" });
  const values = FLOATS.includes(dataType) ? new Float32Array(count) : new Float64Array(count);
  const raw = tensor.external ? external(tensor) : tensor.raw;
  const list = raw ? undefined : listed(tensor);
  const got = raw ? raw.byteLength / type.bytes : (list?.length ?? 0);
  if (got !== count) {
    throw new AssayError({ code: "MODEL-WEIGHTS-LENGTH", where: place, what: "the tensor has the wrong length", expected: `${count} values`, got: String(got) }); // prettier-ignore
  }
  if (list) values.set(list);
  else if (raw && dataType === 1) new Uint8Array(values.buffer).set(raw);
  else if (raw) {
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    for (let i = 0; i < count; i++) values[i] = type.read(view, i * type.bytes);
  }
  return { dims, values, name };
}

function listed({ dataType, floats, doubles, int32s, int64s }: TensorMessage): readonly number[] {
  if (dataType === FLOAT16) return int32s.map(half);
  if (dataType === BFLOAT16) return int32s.map(bfloat16);
  return [floats, doubles, int32s, int64s].find((list) => list.length > 0) ?? [];
}

const bits = new DataView(new ArrayBuffer(4));

/** The upper half of a float32. */
function bfloat16(upper: number): number {
  bits.setUint16(0, upper);
  return bits.getFloat32(0);
}

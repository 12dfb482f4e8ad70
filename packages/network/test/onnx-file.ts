import { PbfWriter } from "pbf";

/** An attribute: a whole number, a list of them, a text, or a float as `[number, "f"]`. */
type Attribute = number | readonly number[] | string | { readonly f: number };

export interface TestNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly name?: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

export interface TestTensor {
  readonly dims: readonly number[];
  /** float32 unless it is a list of whole numbers, or bytes of the type that is named */
  readonly values: Float32Array | BigInt64Array | Uint8Array;
  readonly dataType?: number;
  /** the file that holds the values instead */
  readonly location?: string;
}

export interface TestFile {
  /** sizes of the input; a text is a free one */
  readonly input: readonly (number | string)[];
  readonly nodes: readonly TestNode[];
  readonly tensors?: Readonly<Record<string, TestTensor>>;
  readonly output: string;
  readonly opset?: number;
}

const message = (write: (pbf: PbfWriter) => void) => [(_: undefined, pbf: PbfWriter) => { write(pbf); }, undefined] as const; // prettier-ignore

/** An ONNX file written by hand, for what no exporter writes on purpose. */
export function onnxFile({ input, nodes, tensors = {}, output, opset = 18 }: TestFile): Uint8Array {
  const model = new PbfWriter();
  model.writeVarintField(1, 8);
  model.writeMessage(
    7,
    ...message((graph) => {
      graph.writeStringField(2, "test");
      for (const node of nodes) graph.writeMessage(1, ...message((pbf) => { writeNode(node, pbf); })); // prettier-ignore
      for (const [name, tensor] of Object.entries(tensors)) graph.writeMessage(5, ...message((pbf) => { writeTensor(name, tensor, pbf); })); // prettier-ignore
      for (const [field, name, sizes] of [[11, "input", input], [12, output, undefined]] as const) graph.writeMessage(field, ...message((pbf) => { writeValue(name, sizes, pbf); })); // prettier-ignore
    }),
  );
  model.writeMessage(8, ...message((pbf) => { pbf.writeVarintField(2, opset); })); // prettier-ignore
  return model.finish();
}

function writeNode({ op, inputs, output, name = "", attributes = {} }: TestNode, pbf: PbfWriter): void {
  for (const each of inputs) pbf.writeStringField(1, each);
  pbf.writeStringField(2, output);
  pbf.writeStringField(3, name);
  pbf.writeStringField(4, op);
  for (const [key, value] of Object.entries(attributes)) {
    const attribute = (own: PbfWriter): void => {
      own.writeStringField(1, key);
      const kind = typeof value === "number" ? 2 : typeof value === "string" ? 3 : "f" in value ? 1 : 7;
      own.writeVarintField(20, kind);
      if (typeof value === "number") own.writeVarintField(3, value);
      else if (typeof value === "string") own.writeStringField(4, value);
      else if ("f" in value) own.writeFloatField(2, value.f);
      else for (const each of value) own.writeVarintField(8, each);
    };
    pbf.writeMessage(5, ...message(attribute));
  }
}

function writeTensor(name: string, { dims, values, dataType, location }: TestTensor, pbf: PbfWriter): void {
  for (const size of dims) pbf.writeVarintField(1, size);
  pbf.writeVarintField(2, dataType ?? (values instanceof BigInt64Array ? 7 : 1));
  pbf.writeStringField(8, name);
  if (location === undefined) pbf.writeBytesField(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  else
    pbf.writeMessage(13, ...message((entry) => { entry.writeStringField(1, "location"); entry.writeStringField(2, location); })); // prettier-ignore
}

function writeValue(name: string, sizes: readonly (number | string)[] | undefined, pbf: PbfWriter): void {
  const shape = message((own) => {
    for (const size of sizes ?? []) own.writeMessage(1, ...message((dimension) => { if (typeof size === "number") dimension.writeVarintField(1, size); else dimension.writeStringField(2, size); })); // prettier-ignore
  });
  const tensor = message((own) => {
    own.writeVarintField(1, 1);
    if (sizes) own.writeMessage(2, ...shape);
  });
  pbf.writeStringField(1, name);
  pbf.writeMessage(2, ...message((own) => { own.writeMessage(1, ...tensor); })); // prettier-ignore
}

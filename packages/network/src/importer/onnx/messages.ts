import { PbfReader } from "pbf";

/** The parts of ONNX's messages (onnx.proto, numbers of fields as there) that an importer of networks needs. */
export interface TensorMessage {
  dims: number[];
  dataType: number;
  name: string;
  raw?: Uint8Array;
  floats: number[];
  doubles: number[];
  /** int32_data: int32, int16, int8, uint16, uint8, bool and the bits of float16 */
  int32s: number[];
  int64s: number[];
  /** location, offset and length of data in another file */
  external?: Map<string, string>;
}

export interface AttributeMessage {
  name: string;
  f?: number;
  i?: number;
  s?: string;
  t?: TensorMessage;
  floats: number[];
  ints: number[];
}

export interface NodeMessage {
  inputs: string[];
  outputs: string[];
  name: string;
  op: string;
  domain: string;
  attributes: Map<string, AttributeMessage>;
}

/** A graph input or output; a dimension without a fixed size is undefined. */
export interface ValueMessage {
  name: string;
  dims: (number | undefined)[];
}

export interface GraphMessage {
  nodes: NodeMessage[];
  initializers: TensorMessage[];
  inputs: ValueMessage[];
  outputs: ValueMessage[];
}

export interface ModelMessage {
  graph?: GraphMessage;
  /** version of each operator set, by domain */
  opsets: Map<string, number>;
}

type Read<T> = (tag: number, message: T, pbf: PbfReader) => void;

/** Reads an ONNX file; bytes of tensors are not copied. */
export const readModel = (bytes: Uint8Array): ModelMessage =>
  new PbfReader(bytes).readFields<ModelMessage>(
    (tag, model, pbf) => {
      if (tag === 7) model.graph = pbf.readMessage(graph, { nodes: [], initializers: [], inputs: [], outputs: [] });
      else if (tag === 8) {
        const { domain, version } = pbf.readMessage(opset, { domain: "", version: 0 });
        model.opsets.set(domain, version);
      }
    },
    { opsets: new Map() },
  );

const opset: Read<{ domain: string; version: number }> = (tag, set, pbf) => {
  if (tag === 1) set.domain = pbf.readString();
  else if (tag === 2) set.version = pbf.readVarint(true);
};

const graph: Read<GraphMessage> = (tag, message, pbf) => {
  if (tag === 1)
    message.nodes.push(pbf.readMessage(node, { inputs: [], outputs: [], name: "", op: "", domain: "", attributes: new Map() }));
  else if (tag === 5) message.initializers.push(pbf.readMessage(tensor, emptyTensor()));
  else if (tag === 11) message.inputs.push(pbf.readMessage(value, { name: "", dims: [] }));
  else if (tag === 12) message.outputs.push(pbf.readMessage(value, { name: "", dims: [] }));
};

const node: Read<NodeMessage> = (tag, message, pbf) => {
  if (tag === 1) message.inputs.push(pbf.readString());
  else if (tag === 2) message.outputs.push(pbf.readString());
  else if (tag === 3) message.name = pbf.readString();
  else if (tag === 4) message.op = pbf.readString();
  else if (tag === 5) {
    const own = pbf.readMessage<AttributeMessage>(attribute, { name: "", floats: [], ints: [] });
    message.attributes.set(own.name, own);
  } else if (tag === 7) message.domain = pbf.readString();
};

const attribute: Read<AttributeMessage> = (tag, message, pbf) => {
  if (tag === 1) message.name = pbf.readString();
  else if (tag === 2) message.f = pbf.readFloat();
  else if (tag === 3) message.i = pbf.readVarint(true);
  else if (tag === 4) message.s = pbf.readString();
  else if (tag === 5) message.t = pbf.readMessage(tensor, emptyTensor());
  else if (tag === 7) pbf.readPackedFloat(message.floats);
  else if (tag === 8) pbf.readPackedVarint(message.ints, true);
};

const emptyTensor = (): TensorMessage => ({ dims: [], dataType: 0, name: "", floats: [], doubles: [], int32s: [], int64s: [] });

const tensor: Read<TensorMessage> = (tag, message, pbf) => {
  if (tag === 1) pbf.readPackedVarint(message.dims, true);
  else if (tag === 2) message.dataType = pbf.readVarint();
  else if (tag === 4) pbf.readPackedFloat(message.floats);
  else if (tag === 5) pbf.readPackedVarint(message.int32s, true);
  else if (tag === 7) pbf.readPackedVarint(message.int64s, true);
  else if (tag === 8) message.name = pbf.readString();
  else if (tag === 9) message.raw = pbf.readBytes();
  else if (tag === 10) pbf.readPackedDouble(message.doubles);
  else if (tag === 13) {
    const [key, text] = pbf.readMessage<[string, string]>(entry, ["", ""]);
    message.external = (message.external ?? new Map<string, string>()).set(key, text);
  }
};

const entry: Read<[string, string]> = (tag, pair, pbf) => {
  if (tag === 1 || tag === 2) pair[tag - 1] = pbf.readString();
};

/** ValueInfoProto → TypeProto → Tensor → TensorShapeProto → Dimension. */
const value: Read<ValueMessage> = (tag, message, pbf) => {
  if (tag === 1) message.name = pbf.readString();
  else if (tag === 2) pbf.readMessage(type, message);
};
const type: Read<ValueMessage> = (tag, message, pbf) => {
  if (tag === 1) pbf.readMessage(tensorType, message);
};
const tensorType: Read<ValueMessage> = (tag, message, pbf) => {
  if (tag === 2) pbf.readMessage(shape, message);
};
const shape: Read<ValueMessage> = (tag, message, pbf) => {
  if (tag === 1) message.dims.push(pbf.readMessage<{ size?: number }>(dimension, {}).size);
};
const dimension: Read<{ size?: number }> = (tag, message, pbf) => {
  if (tag === 1) message.size = pbf.readVarint(true);
};

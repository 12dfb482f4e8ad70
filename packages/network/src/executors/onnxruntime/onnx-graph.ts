import { PbfWriter } from "pbf";
import type { Arranged } from "./arrangement.js";
import {
  FLOAT_BYTES,
  writeInitializer,
  writeNode,
  writeValue,
  written,
  type Initializer,
  type Node,
  type OnnxAttribute,
  type OnnxValues,
  type Value,
} from "./onnx-file.js";

/** A graph in two: what comes before a value is known, and what comes after. */
export interface Halves {
  readonly before: OnnxGraph;
  readonly after: OnnxGraph;
  /** of what goes from one to the other, for one image */
  readonly bytes: number;
}

/** What a program gives out, without the batch. */
export interface Output {
  readonly name: string;
  readonly shape: readonly number[];
}

/** of one value where it is kept */
const BYTES = { number: 4, index: 2, truth: 1 / 8 };
const IR_VERSION = 9;
const OPSET = 18;
/** Bytes between which an array begins beside the file; and below which it lies inside, where shapes and limits are looked for. */
const LINE = 64;

/** Collects the nodes of one ONNX graph and writes the file, and its arrays beside it. */
export class OnnxGraph {
  readonly #nodes: Node[] = [];
  readonly #initializers = new Map<OnnxValues, Initializer>();
  readonly #shapes = new Map<string, string>();
  readonly #inputs: Value[] = [];
  readonly #outputs: Value[] = [];
  readonly #typed = new Map<string, Value>();
  readonly #known = new Map<string, Value>();
  #names = 0;

  /** Adds a node and returns the name of its output. */
  op(op: string, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>> = {}): string {
    return this.ops(op, inputs, attributes, 1)[0]!;
  }

  /** Adds a node with several outputs. */
  ops(op: string, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>>, count: number): string[] {
    const outputs = Array.from({ length: count }, () => this.#name(op));
    this.#nodes.push({ op, inputs, outputs, attributes });
    return outputs;
  }

  /** An array; the same one is written once. */
  constant(values: OnnxValues, dims: readonly number[]): string {
    const known = this.#initializers.get(values);
    if (known) return known.name;
    const name = this.#name("constant");
    this.#initializers.set(values, { name, dims, values });
    return name;
  }

  /** A list of integers: shapes, axes, starts. */
  integers(...values: readonly number[]): string {
    const key = values.join();
    const known = this.#shapes.get(key);
    if (known !== undefined) return known;
    const name = this.constant(BigInt64Array.from(values, BigInt), [values.length]);
    this.#shapes.set(key, name);
    return name;
  }

  scalar(value: number): string {
    return this.constant(Float32Array.of(value), []);
  }

  input(name: string, dims: readonly (number | string)[]): string {
    this.#inputs.push({ name, dims });
    return name;
  }

  /** Gives a value out under a name. */
  output(name: string, value: string, dims: readonly (number | string)[]): void {
    this.#nodes.push({ op: "Identity", inputs: [value], outputs: [name], attributes: {} });
    this.#outputs.push({ name, dims });
  }

  /** Says of which type a value is, so that graphs can be cut there. */
  typed(name: string, dims: readonly number[], type: "truth" | "index"): string {
    this.#typed.set(name, { name, dims: ["n", ...dims], type });
    return name;
  }

  /** Says of which shape a value is, where onnxruntime does not find out: what is not known to be as large as another leaves its blocked channels. */
  known(name: string, dims: readonly number[]): string {
    this.#known.set(name, { name, dims: ["n", ...dims] });
    return name;
  }

  /**
   * The part that does not depend on some inputs, which gives out `result` and what the rest wants of it; and the rest, which takes that in.
   * Undefined where the type of such a value is not known.
   */
  halves(inputs: readonly string[], result: string): Halves | undefined {
    const later = new Set(inputs);
    // What is made of typed values and constants alone, such as another shape of one, is made behind the cut.
    const constants = new Set([...this.#initializers.values()].map(({ name }) => name));
    const behind = new Set(this.#typed.keys());
    for (const { inputs, outputs } of this.#nodes) {
      const free = inputs.some((name) => behind.has(name)) && inputs.every((name) => behind.has(name) || constants.has(name));
      for (const name of outputs) {
        if (free) behind.add(name);
        if (free || inputs.some((each) => later.has(each))) later.add(name);
      }
    }
    const before = this.#nodes.filter(({ outputs }) => !later.has(outputs[0]!));
    const made = new Set(before.flatMap(({ outputs }) => outputs));
    const after = this.#nodes.filter(({ outputs }) => later.has(outputs[0]!));
    const given = this.#inputs.filter(({ name }) => !later.has(name));
    const cut = [...new Set(after.flatMap(({ inputs }) => inputs))].filter((name) => made.has(name));
    const values = cut.map((name) => this.#typed.get(name));
    if (!values.every((value) => value !== undefined) || after.some(({ inputs }) => given.some(({ name }) => inputs.includes(name))))
      return undefined;
    return {
      before: this.#part(before, given, [...values, ...this.#outputs.filter(({ name }) => name === result)]),
      after: this.#part(
        after,
        [...this.#inputs.filter(({ name }) => later.has(name)), ...values],
        this.#outputs.filter(({ name }) => name !== result),
      ),
      bytes: values.reduce(
        (sum, { dims, type }) => sum + BYTES[type ?? "number"] * dims.slice(1).reduce<number>((a, b) => a * Number(b), 1),
        0,
      ),
    };
  }

  #part(nodes: readonly Node[], inputs: readonly Value[], outputs: readonly Value[]): OnnxGraph {
    const part = new OnnxGraph();
    // From the back: what nothing asks for is left out.
    const wanted = new Set(outputs.map(({ name }) => name));
    const kept = nodes.toReversed().filter(({ inputs: read, outputs: made }) => {
      if (!made.some((name) => wanted.has(name))) return false;
      for (const name of read) wanted.add(name);
      return true;
    });
    part.#nodes.push(...kept.toReversed());
    for (const [name, value] of this.#known) if (wanted.has(name)) part.#known.set(name, value);
    part.#inputs.push(...inputs);
    part.#outputs.push(...outputs);
    for (const [values, initializer] of this.#initializers) if (wanted.has(initializer.name)) part.#initializers.set(values, initializer);
    return part;
  }

  get outputs(): readonly Output[] {
    return this.#outputs.map(({ name, dims }) => ({ name, shape: dims.slice(1).map(Number) }));
  }

  /** The file; it looks for its arrays in `ARRAYS`. */
  file(): Uint8Array {
    const pbf = new PbfWriter();
    pbf.writeVarintField(1, IR_VERSION);
    pbf.writeMessage(7, (_, graph) => this.#write(graph), undefined);
    pbf.writeMessage(8, (_, opset) => opset.writeVarintField(2, OPSET), undefined);
    return pbf.finish();
  }

  /** Bytes of the arrays beside the file. */
  get size(): number {
    return this.#beside().bytes;
  }

  /**
   * Writes the arrays as the file looks for them: hundreds of megabytes, in memory that can be used again. What of `lying`, the arrays of the
   * last program, begins as this one's do lies there already. Gives what lies there now.
   */
  writeArrays(room: SharedArrayBuffer, lying: readonly WeakRef<object>[] = []): readonly WeakRef<object>[] {
    const places = [...this.#beside().places];
    const other = places.findIndex(([values], i) => lying[i]?.deref() !== values);
    for (const [values, at] of other < 0 ? [] : places.slice(other)) written(values, new Float32Array(room, at, values.length));
    return places.map(([values]) => new WeakRef(values));
  }

  #beside(): { readonly places: ReadonlyMap<Float32Array | Arranged, number>; readonly bytes: number } {
    const places = new Map<Float32Array | Arranged, number>();
    let bytes = 0;
    for (const { values } of this.#initializers.values()) {
      const own = FLOAT_BYTES * values.length;
      if (values instanceof BigInt64Array || own < LINE) continue;
      places.set(values, bytes);
      bytes += Math.ceil(own / LINE) * LINE;
    }
    return { places, bytes };
  }

  #write(pbf: PbfWriter): void {
    for (const node of this.#nodes) pbf.writeMessage(1, writeNode, node);
    pbf.writeStringField(2, "assay");
    const { places } = this.#beside();
    for (const initializer of this.#initializers.values())
      pbf.writeMessage(5, writeInitializer, { ...initializer, place: places.get(initializer.values as Arranged) });
    for (const value of this.#inputs) pbf.writeMessage(11, writeValue, value);
    for (const value of this.#outputs) pbf.writeMessage(12, writeValue, value);
    for (const value of this.#known.values()) pbf.writeMessage(13, writeValue, value);
  }

  #name(what: string): string {
    return `${what}_${this.#names++}`;
  }
}

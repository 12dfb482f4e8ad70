import { AssayError } from "@assay/core/plugin";
import { buildGraph, type Graph } from "../../graph/graph.js";
import type { WeightTable } from "../../graph/weights.js";
import { Builder } from "./builder.js";
import { decodeTensor, type Constant, type External } from "./constant.js";
import { folds, vector } from "./fold.js";
import { dimsOf, fresh, naturalOrder, type Value } from "./layout.js";
import type { GraphMessage, ModelMessage, NodeMessage, TensorMessage, ValueMessage } from "./messages.js";
import { operators } from "./operators/index.js";
import { isConstant, Step, type Input } from "./step.js";

const OPSETS = { from: 9, to: 21 };

/** The network of an ONNX file: NCHW inside the file, channels last outside. */
export function readOnnx(model: ModelMessage, external: External, where: string): { graph: Graph; weights: WeightTable } {
  if (!model.graph) throw new AssayError({ code: "MODEL-FILE-FORMAT", where, what: "the file is no ONNX model", expected: "a graph" });
  return new Reader(model.graph, opsetOf(model, where), external, where).read();
}

function opsetOf({ opsets }: ModelMessage, where: string): number {
  const version = opsets.get("") ?? opsets.get("ai.onnx") ?? 0;
  if (version >= OPSETS.from && version <= OPSETS.to) return version;
  throw new AssayError({
    code: "MODEL-ONNX-OPSET",
    where,
    what: "this operator set is not supported",
    expected: `${OPSETS.from} to ${OPSETS.to}`,
    got: String(version),
    next: "Export with another `opset_version`, or convert the file with onnx.version_converter.",
  });
}

class Reader {
  readonly #values = new Map<string, Input>();
  readonly #initializers: ReadonlyMap<string, TensorMessage>;
  readonly #readers = new Map<string, NodeMessage[]>();
  /** nodes that another node took with it */
  readonly #taken = new Map<NodeMessage, string>();

  constructor(
    private readonly graph: GraphMessage,
    private readonly opset: number,
    private readonly external: External,
    private readonly where: string,
  ) {
    this.#initializers = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
    for (const node of graph.nodes)
      for (const name of new Set(node.inputs)) this.#readers.set(name, [...(this.#readers.get(name) ?? []), node]);
  }

  read(): { graph: Graph; weights: WeightTable } {
    const [output, ...others] = this.graph.outputs;
    const [input, ...more] = this.graph.inputs.filter(({ name }) => !this.#initializers.has(name));
    if (!input || !output || others.length + more.length > 0) {
      const got = `inputs ${[input, ...more].map((value) => value?.name).join(", ")}; outputs ${[output, ...others].map((value) => value?.name).join(", ")}`;
      throw new AssayError({ code: "MODEL-FILE-FORMAT", where: this.where, what: "the model needs exactly one input and one output", got });
    }
    const image = imageOf(input, this.where);
    this.#values.set(input.name, image.value);
    const builder = new Builder(input.name, (step, fits) => this.#summand(step, fits));
    for (const node of this.#needed(output.name)) this.#run(node, builder, image.batch);
    const logits = this.#values.get(output.name);
    if (!logits || isConstant(logits))
      throw new AssayError({ code: "MODEL-OUTPUT", where: this.where, what: `output ${output.name} does not depend on the input` });
    const size = dimsOf(logits).filter((axis) => axis > 1);
    const last = builder.arrange(size.length > 1 ? logits : builder.reshape(logits, [size[0] ?? 1]));
    return {
      graph: buildGraph({ name: input.name, shape: image.shape }, builder.layers, last.layer, this.where),
      weights: builder.weights,
    };
  }

  /** The nodes that the output depends on, in the file's order. */
  #needed(output: string): readonly NodeMessage[] {
    const names = new Set([output]);
    const found = [...this.graph.nodes].reverse().filter((node) => {
      const needed = node.outputs.some((name) => names.has(name));
      if (needed) for (const name of node.inputs) names.add(name);
      return needed;
    });
    return found.reverse();
  }

  #run(node: NodeMessage, builder: Builder, batch: number | undefined): void {
    const done = this.#taken.get(node);
    const decode = (name: string): Constant | undefined => this.#attribute(node, name);
    const inputs = node.inputs.map((name) => (name === "" ? undefined : (this.#values.get(name) ?? this.#initializer(name))));
    const step = new Step(node, inputs, this.where, decode, { opset: this.opset, batch });
    this.#values.set(node.outputs[0] ?? "", done === undefined ? this.#lower(step, builder) : step.value(node.inputs.indexOf(done)));
  }

  #lower(step: Step, builder: Builder): Input {
    const { op, inputs, node } = step;
    if (node.domain !== "" && node.domain !== "ai.onnx") throw step.fail(`operators of ${node.domain} are not supported`);
    if (op === "Constant") return constantNode(step);
    if (op === "Shape") return shapeOfInput(step);
    const constants = inputs.filter((input): input is Constant => input === undefined || isConstant(input));
    const foldable = constants.length === inputs.length && Object.hasOwn(folds, op);
    if (foldable) return folds[op]!(step, constants);
    const operator = Object.hasOwn(operators, op) ? operators[op] : undefined;
    if (!operator) throw step.fail("this operator is not supported", `one of ${Object.keys(operators).join(", ")}`);
    return operator(step, builder);
  }

  #initializer(name: string): Constant {
    const tensor = this.#initializers.get(name);
    if (!tensor) throw new AssayError({ code: "MODEL-FILE-FORMAT", where: this.where, what: `nothing gives the value ${name}` });
    const constant = decodeTensor(tensor, this.external, this.where);
    this.#values.set(name, constant);
    return constant;
  }

  #attribute(node: NodeMessage, name: string): Constant | undefined {
    const tensor = node.attributes.get(name)?.t;
    return tensor && decodeTensor(tensor, this.external, this.where);
  }

  #summand(step: Step, fits: (summand: Constant) => boolean): Constant | undefined {
    const output = step.node.outputs[0] ?? "";
    const [next, ...others] = this.#readers.get(output) ?? [];
    if (next?.op !== "Add" || others.length > 0 || this.graph.outputs.some(({ name }) => name === output)) return undefined;
    const other = next.inputs.find((name) => name !== output) ?? "";
    const summand = this.#initializers.has(other) ? this.#initializer(other) : this.#values.get(other);
    if (!summand || !isConstant(summand) || !fits(summand)) return undefined;
    this.#taken.set(next, output);
    return summand;
  }
}

function constantNode(step: Step): Constant {
  const tensor = step.tensor("value");
  if (tensor) return tensor;
  if (step.has("value_ints")) return vector(step.ints("value_ints"));
  if (step.has("value_int")) return { ...vector([step.int("value_int")]), dims: [] };
  if (step.has("value_float")) return { dims: [], values: Float32Array.of(step.float("value_float", 0)) };
  throw step.fail("holds no numbers");
}

/** Shape of an activation, the batch unknown; or of a constant. */
function shapeOfInput(step: Step): Constant {
  const [input] = step.inputs;
  if (!input) throw step.fail("has no input");
  const dims = isConstant(input) ? input.dims : [NaN, ...dimsOf(input)];
  return vector(dims.slice(step.int("start", 0), step.has("end") ? step.int("end") : undefined));
}

const COLOURS = [1, 3, 4];

/** The input: `[n, c, h, w]`, or `[n, h, w, c]` where only the last axis can be colours. */
function imageOf(
  { name, dims }: ValueMessage,
  where: string,
): { value: Value; shape: readonly [number, number, number]; batch: number | undefined } {
  const [batch, ...sizes] = dims;
  const [first = 0, second = 0, third = 0] = sizes;
  if (sizes.length !== 3 || sizes.some((size) => !size)) {
    const got = `[${dims.map((size) => size ?? "?").join(", ")}]`;
    throw new AssayError({
      code: "MODEL-INPUT",
      where: `${where}, input ${name}`,
      what: "the input is no image of a fixed size",
      expected: "[n, channels, height, width], all but n fixed",
      got,
      next: "Export the network with a fixed image size.",
    });
  }
  const last = COLOURS.includes(third) && !COLOURS.includes(first);
  const order = last ? [0, 1, 2] : naturalOrder(3);
  const shape = last ? ([first, second, third] as const) : ([second, third, first] as const);
  return { value: fresh(name, [first, second, third], order), shape, batch };
}

import { AssayError, type LayerFacts } from "@assay/core/plugin";
import type { Operation, Shape } from "../ops/operation.js";
import { unknownLayer } from "./layer-error.js";

/** How a weight is drawn anew: the file's own initializer, `undefined` where it names none. */
export interface InitializerFacts {
  readonly kind: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** A layer as an importer hands it over. A layer with an inline activation runs as two nodes. */
export interface LayerSpec extends Omit<LayerFacts, "shape"> {
  readonly inputs: readonly string[];
  readonly operation: Operation;
  readonly activation?: Operation;
  /** by weight name (`kernel`, `bias`) */
  readonly initializers?: Readonly<Record<string, InitializerFacts>>;
}

/** One operation in the graph. The node that ends a layer bears the layer's name. */
export interface Node {
  readonly name: string;
  readonly layer: string;
  readonly operation: Operation;
  readonly inputs: readonly string[];
  readonly shape: Shape;
  readonly parameters: Readonly<Record<string, Shape>>;
  readonly initializers: Readonly<Record<string, InitializerFacts>>;
}

/** An immutable, checked network without weights; nodes stand in an order in which they can be run. */
export interface Graph {
  readonly input: string;
  readonly inputShape: readonly [height: number, width: number, channels: number];
  /** the node that holds the logits: before a final softmax */
  readonly output: string;
  readonly nodes: readonly Node[];
  readonly byName: ReadonlyMap<string, Node>;
  /** names of the nodes that read a node */
  readonly consumers: ReadonlyMap<string, readonly string[]>;
  readonly layers: readonly LayerFacts[];
}

/** Multiplications of one image's way through the kernels: each is applied at every place of its output. */
export const multiplications = (nodes: readonly Node[]): number =>
  nodes.reduce((sum, { parameters, shape }) => {
    const kernel = (parameters["kernel"] ?? parameters["depthwise_kernel"] ?? [0]).reduce((product, side) => product * side, 1);
    const [height = 1, width = 1] = shape.length === 3 ? shape : [];
    return sum + kernel * height * width;
  }, 0);

/** The node before a layer's inline activation. */
const beforeActivation = (layer: string): string => `${layer} (before its activation)`;

/** Checks and orders layers; `where` names the model in errors. */
export function buildGraph(
  input: { readonly name: string; readonly shape: readonly [number, number, number] },
  specs: readonly LayerSpec[],
  last: string,
  where: string,
): Graph {
  const byName = new Map<string, Node>();
  const shapes = new Map<string, Shape>([[input.name, input.shape]]);
  const waiting = new Map(specs.map((spec) => [spec.name, spec]));
  if (waiting.size !== specs.length || waiting.has(input.name)) {
    throw new AssayError({ code: "MODEL-DUPLICATE-LAYER", where, what: "two layers have one name" });
  }
  const visit = (name: string, path: readonly string[]): void => {
    if (shapes.has(name)) return;
    const spec = waiting.get(name);
    if (!spec) throw unknownLayer(name, [...waiting.keys()], where);
    if (path.includes(name)) throw new AssayError({ code: "MODEL-CYCLE", where, what: `layer ${name} feeds itself` });
    for (const source of spec.inputs) visit(source, [...path, name]);
    for (const node of lower(spec, shapes, where)) {
      byName.set(node.name, node);
      shapes.set(node.name, node.shape);
    }
  };
  for (const spec of specs) visit(spec.name, []);
  const nodes = [...byName.values()];
  const consumers = new Map<string, string[]>();
  for (const node of nodes) for (const source of node.inputs) consumers.set(source, [...(consumers.get(source) ?? []), node.name]);
  const layers = [
    { name: input.name, kind: "InputLayer", shape: input.shape },
    ...specs.map(({ name, kind }) => ({ name, kind, shape: shapes.get(name) ?? [] })),
  ];
  return { input: input.name, inputShape: input.shape, output: logits(byName, last, where), nodes, byName, consumers, layers };
}

function lower(spec: LayerSpec, shapes: ReadonlyMap<string, Shape>, where: string): Node[] {
  const { name, operation, activation, inputs, initializers = {} } = spec;
  const inputShapes = inputs.map((source) => shapes.get(source) ?? []);
  try {
    const shape = operation.shape(inputShapes);
    const parameters = operation.parameters?.(inputShapes) ?? {};
    const first = { layer: name, operation, inputs, shape, parameters, initializers };
    if (!activation) return [{ ...first, name }];
    const inner = beforeActivation(name);
    return [
      { ...first, name: inner },
      { name, layer: name, operation: activation, inputs: [inner], shape, parameters: {}, initializers: {} },
    ];
  } catch (cause) {
    const what = `layer ${name} (${spec.kind}) does not fit its input: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new AssayError({ code: "MODEL-SHAPE", where, what }, { cause });
  }
}

const SOFTMAX = ["softmax", "log-softmax"];

/** The output, before a final softmax and past what changes nothing. */
function logits(byName: ReadonlyMap<string, Node>, last: string, where: string): string {
  let node = byName.get(last);
  while (node && (node.operation.kind === "identity" || SOFTMAX.includes(node.operation.kind))) {
    const inner: Node | undefined = byName.get(node.inputs[0] ?? "");
    if (!inner) break;
    if (node.operation.kind !== "identity") return vector(inner, where);
    // A softmax may lie under a linear activation; a plain output keeps its own name.
    if (inner.operation.kind !== "identity" && !SOFTMAX.includes(inner.operation.kind)) break;
    node = inner;
  }
  return vector(byName.get(last), where);
}

function vector(node: Node | undefined, where: string): string {
  if (node?.shape.length === 1) return node.name;
  const got = node ? `[${node.shape.join(", ")}]` : "no output layer";
  throw new AssayError({ code: "MODEL-OUTPUT", where, what: "the model is no classifier", expected: "one output vector of logits", got });
}

/** Everything that `from` depends on, itself included. */
export function ancestors(graph: Graph, from: string): ReadonlySet<string> {
  const found = new Set<string>([from]);
  for (const node of [...graph.nodes].reverse()) if (found.has(node.name)) for (const source of node.inputs) found.add(source);
  return found;
}

/** Whether all that the logits see of the input comes through node `name`. */
export function onlyWay(graph: Graph, name: string): boolean {
  const under = ancestors(graph, graph.output);
  const path = descendants(graph, name);
  if (!under.has(name)) return false;
  return graph.nodes.every(
    ({ name: own, inputs }) => own === name || !under.has(own) || !path.has(own) || inputs.every((source) => path.has(source)),
  );
}

/** Everything that depends on `from`, itself included. */
export function descendants(graph: Graph, from: string): ReadonlySet<string> {
  const found = new Set<string>([from]);
  for (const node of graph.nodes) if (node.inputs.some((source) => found.has(source))) found.add(node.name);
  return found;
}

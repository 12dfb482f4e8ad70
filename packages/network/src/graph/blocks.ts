import { AssayError } from "@assay/core/plugin";
import { ancestors, type Graph, type Node } from "./graph.js";
import { unknownLayer } from "./layer-error.js";

/** A named set of layers that randomizers act on; only layers with weights matter. */
export interface Block {
  readonly name: string;
  readonly layers: readonly string[];
}

const weighted = (node: Node): boolean => Object.keys(node.parameters).length > 0;

/** A block for each layer with weights, output first; batch normalisation belongs to the layer that alone feeds it. */
export function defaultBlocks(graph: Graph): readonly Block[] {
  const blocks = new Map<string, string[]>();
  for (const node of graph.nodes.filter(weighted)) {
    const owner = node.operation.kind === "batch-normalization" ? blocks.get(node.inputs[0] ?? "") : undefined;
    if (owner && graph.consumers.get(node.inputs[0] ?? "")?.length === 1) owner.push(node.layer);
    else blocks.set(node.layer, [node.layer]);
  }
  return [...blocks].map(([name, layers]) => ({ name, layers })).reverse();
}

/** The block of a name: that layer, or all layers with weights of the module that bears it (`_blocks.3`, `encoder/stage1`). */
export function namedBlock(graph: Graph, name: string, where: string): Block {
  if (graph.layers.some((layer) => layer.name === name)) return { name, layers: [name] };
  const layers = graph.nodes.filter(weighted).map((node) => node.layer);
  const under = layers.filter((layer) => layer.startsWith(`${name}.`) || layer.startsWith(`${name}/`));
  if (under.length > 0) return { name, layers: under };
  throw unknownLayer(
    name,
    graph.layers.map((layer) => layer.name),
    where,
  );
}

/** Explicit blocks, checked: known layers, none in two blocks, none without weights. */
export function checkBlocks(graph: Graph, blocks: readonly Block[], where: string): readonly Block[] {
  const known = graph.layers.map((layer) => layer.name);
  const withWeights = new Set(graph.nodes.filter(weighted).map((node) => node.layer));
  const owners = new Map<string, string>();
  const fail = (what: string): AssayError => new AssayError({ code: "MODEL-BLOCKS", where, what });
  for (const { name, layers } of blocks) {
    for (const layer of layers) {
      if (!known.includes(layer)) throw unknownLayer(layer, known, where);
      if (owners.has(layer)) throw fail(`layer ${layer} is in block ${owners.get(layer)} and in block ${name}`);
      owners.set(layer, name);
    }
    if (!layers.some((layer) => withWeights.has(layer))) throw fail(`block ${name} has no layer with weights`);
  }
  if (new Set(blocks.map((block) => block.name)).size !== blocks.length) throw fail("two blocks have one name");
  return blocks;
}

/**
 * The last convolutional activation: from a convolution with a plane under the logits, through batch normalisation and
 * addition, to its ReLU; where that is one branch of several, their concatenation. Where no convolution has a ReLU, the last one.
 */
export function lastConvolution(graph: Graph): string | undefined {
  const under = ancestors(graph, graph.output);
  const convolutions = graph.nodes.filter(
    ({ name, operation, shape }) => operation.kind.endsWith("conv2d") && (shape[0] ?? 1) * (shape[1] ?? 1) > 1 && under.has(name),
  );
  const ends = convolutions.reverse().map((node) => activationOf(graph, node));
  return (ends.find((end) => end.activated) ?? ends[0])?.name;
}

const ACTIVATIONS = ["relu", "leaky-relu"];

function activationOf(graph: Graph, node: Node, activated = false): { name: string; activated: boolean } {
  const done = activated || ACTIVATIONS.includes(node.operation.kind);
  const through = done ? ["concatenate"] : ["batch-normalization", "add", "relu", "leaky-relu", "identity", "concatenate"];
  const [next, other] = (graph.consumers.get(node.name) ?? []).map((name) => graph.byName.get(name));
  const gated = !done && next && other ? gatedBy(graph, next, other) : undefined;
  if (gated) return activationOf(graph, gated, true);
  if (!next || other || next.shape.length !== 3 || !through.includes(next.operation.kind)) return { name: node.name, activated: done };
  return activationOf(graph, next, done);
}

/** x·σ(x): the product, where one reader of x is a sigmoid and the other multiplies it with x. */
function gatedBy(graph: Graph, one: Node, other: Node): Node | undefined {
  const [gate, product] = one.operation.kind === "multiply" ? [other, one] : [one, other];
  const only = graph.consumers.get(gate.name) ?? [];
  const fits = gate.operation.kind.endsWith("sigmoid") && product.operation.kind === "multiply" && only.length === 1;
  return fits && only[0] === product.name ? product : undefined;
}

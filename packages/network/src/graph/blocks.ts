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
 * The last convolutional activation: from the last convolution with a plane under the logits, through batch normalisation
 * and addition, to its ReLU; where that is one branch of several, their concatenation.
 */
export function lastConvolution(graph: Graph): string | undefined {
  const under = ancestors(graph, graph.output);
  const convolutions = graph.nodes.filter(
    ({ name, operation, shape }) => /conv2d$/.test(operation.kind) && (shape[0] ?? 1) * (shape[1] ?? 1) > 1 && under.has(name),
  );
  let node = convolutions.at(-1);
  for (;;) {
    const next =
      node && graph.consumers.get(node.name)?.length === 1 ? graph.byName.get(graph.consumers.get(node.name)?.[0] ?? "") : undefined;
    const through = node?.operation.kind === "relu" ? /concatenate/ : /batch-normalization|add|relu|identity|concatenate/;
    if (!next || next.shape.length !== 3 || !through.test(next.operation.kind)) return node?.name;
    node = next;
  }
}

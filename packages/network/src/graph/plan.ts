import type { Graph, Node } from "./graph.js";

/** A node to run; `affine` is a batch normalisation folded into it, whose name the step's output then bears. */
export interface Step {
  readonly output: string;
  readonly node: Node;
  readonly affine?: Node;
}

/**
 * The steps of a graph in order. Batch normalisation is folded into the convolution or dense layer before it,
 * where nothing else reads that layer's output and nobody asks for it (`kept`).
 */
export function planSteps(graph: Graph, kept: string): readonly Step[] {
  const folded = new Set<string>();
  return graph.nodes.flatMap((node): Step[] => {
    if (folded.has(node.name)) return [];
    const [next, other] = graph.consumers.get(node.name) ?? [];
    const affine = other === undefined && next !== undefined ? graph.byName.get(next) : undefined;
    const legal =
      node.operation.fold && affine?.operation.kind === "batch-normalization" && node.name !== kept && node.name !== graph.output;
    if (!legal) return [{ output: node.name, node }];
    folded.add(affine.name);
    return [{ output: affine.name, node, affine }];
  });
}

/** The forward values that the reverse pass through `steps` reads. */
export function valuesRead(steps: readonly Step[]): Set<string> {
  const read = new Set<string>();
  for (const { output, node } of steps) {
    if (node.operation.reads.includes("x")) for (const source of node.inputs) read.add(source);
    if (node.operation.reads.includes("y")) read.add(output);
  }
  return read;
}

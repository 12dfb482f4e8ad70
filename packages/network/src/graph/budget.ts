import type { Graph } from "./graph.js";
import type { Step } from "./plan.js";
import { valuesRead } from "./run.js";

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Bytes that one image keeps alive during a gradient: what the reverse pass reads, and the widest step with its gradient. */
export function gradientBytes(graph: Graph, steps: readonly Step[]): number {
  const shape = (name: string): readonly number[] => graph.byName.get(name)?.shape ?? graph.inputShape;
  const kept = [...valuesRead(steps)].reduce((sum, name) => sum + size(shape(name)), 0);
  const widest = Math.max(
    ...steps.map(({ output, node }) => size(shape(output)) + Math.max(...node.inputs.map((name) => size(shape(name))))),
  );
  return 4 * (kept + 2 * widest);
}

/** The largest power of two whose activations stay within 16 MiB, 4 to 64: measured on the paper's CNN and on Inception v3. */
export const bestBatch = (bytesPerImage: number): number => 2 ** Math.min(6, Math.max(2, Math.floor(Math.log2(2 ** 24 / bytesPerImage))));

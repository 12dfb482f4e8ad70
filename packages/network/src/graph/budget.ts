import type { Graph } from "./graph.js";
import { valuesRead, type Step } from "./plan.js";

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

const BUDGET = 48 * 2 ** 20;
const LEAST = 4;
const MOST = 64;

/**
 * A power of two whose activations stay within 48 MiB on each of the threads that share it, 4 or more, and at most 64 for each of them: gains end at
 * 32 to 64 images on the paper's CNN and MLP.
 */
export const bestBatch = (bytesPerImage: number, threads = 1): number =>
  2 ** Math.floor(Math.log2(Math.min(MOST * threads, Math.max(LEAST, (threads * BUDGET) / bytesPerImage))));

import { createHash } from "node:crypto";
import { ancestors, multiplications, onlyWay, type Graph } from "../../graph/graph.js";
import type { Step } from "../../graph/plan.js";
import type { ProgramRule } from "./emitter.js";
import type { Halves } from "./onnx-graph.js";
import { segmentPrograms } from "./program.js";
import type { Source } from "./units.js";

/** Multiplications that each byte must save that is kept of planes. Vectors are small. */
const WORTH = 600;

/** A way between two nodes of the trained network, and its steps. */
export interface TrainedWay {
  readonly to: string;
  readonly halves: Halves;
  /** where the forward graph ends, and what it is: some rules have it in common */
  readonly forward: string;
  readonly steps: readonly Step[];
  /** kept of one image */
  readonly bytes: number;
}

/**
 * Ways that what is kept of them is worth: they end where a layer begins that all that the logits see comes through, at a vector, or where
 * enough work lies behind.
 */
export function findWays(graph: Graph, steps: readonly Step[], source: (kept: string) => Source, rule: ProgramRule): TrainedWay[] {
  const ways: TrainedWay[] = [];
  let from = graph.input;
  for (const to of new Set(steps.flatMap(({ node }) => (Object.keys(node.parameters).length > 0 ? node.inputs : [])))) {
    const { shape } = graph.byName.get(to) ?? {};
    if (!shape || !steps.some(({ output }) => output === to) || !onlyWay(graph, to)) continue;
    const [inside, outside] = [ancestors(graph, to), ancestors(graph, from)];
    const own = steps.filter(({ output }) => inside.has(output) && !outside.has(output));
    const halves = segmentPrograms(source(to), from, to, rule);
    if (!halves) break;
    const bytes = halves.bytes + 4 * shape.reduce((a, b) => a * b, 1);
    if (shape.length > 1 && multiplications(own.map(({ node }) => node)) < WORTH * bytes) continue;
    ways.push({ to, halves, forward: createHash("sha1").update(`${to}\n`).update(halves.before.file()).digest("hex"), steps: own, bytes });
    from = to;
  }
  return ways;
}

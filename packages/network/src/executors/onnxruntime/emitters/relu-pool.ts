import type { PoolWindow } from "../../../ops/operation.js";
import type { EmitCall, Emitted } from "../emitter.js";
import { maxPool } from "./pooling.js";
import { pass } from "./rules.js";

/**
 * A max pool that alone reads a ReLU with this maximum, and the gradient at the ReLU's input. What the ReLU lets through is decided at the pool's
 * size, a quarter of its own: a window's maximum has the sign of the cell that it came from, and no other cell is given anything.
 */
export function reluPool(call: EmitCall<PoolWindow>, maximum: number, rule: "standard" | "guided"): Emitted {
  const { y, gradient } = maxPool(call);
  const through = pass({ ...call, rule: "standard" }, y, maximum);
  const spread = (dy: string): string => gradient(through(dy), 0);
  return { y, gradient: (dy) => (rule === "guided" ? call.graph.op("Relu", [spread(dy)]) : spread(dy)) };
}

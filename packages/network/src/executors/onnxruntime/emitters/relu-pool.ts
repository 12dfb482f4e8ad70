import type { PoolWindow } from "../../../ops/operation.js";
import type { EmitCall, Emitted } from "../emitter.js";
import { maxPool } from "./pooling.js";
import { pass, rectified, type Relu } from "./rules.js";

/**
 * A ReLU and the max pool that alone reads it. What the ReLU lets through is decided at the pool's size, a quarter of its own: a window's
 * maximum has the sign of the cell that it came from, and no other cell is given anything. `pool` is the call without its input.
 */
export function reluPool(relu: EmitCall<Relu>, pool: EmitCall<PoolWindow>, rule: "standard" | "guided"): Emitted {
  const { y, gradient } = maxPool({ ...pool, inputs: [rectified(relu)] });
  const through = pass({ ...pool, rule: "standard" }, y, relu.attributes.maximum);
  const spread = (dy: string): string => gradient(through(dy), 0);
  return { y, gradient: (dy) => (rule === "guided" ? relu.graph.op("Relu", [spread(dy)]) : spread(dy)) };
}

import type { PoolWindow } from "../../../ops/operation.js";
import type { EmitCall, Emitted } from "../emitter.js";
import { maxPool } from "./pooling.js";
import { arriving, derivative } from "./rules.js";

/**
 * A max pool that alone reads a ReLU with this maximum, and the gradient at the ReLU's input by a rule that asks for the derivative. What the ReLU
 * lets through is decided at the pool's size, a quarter of its own: a window's maximum has the sign of the cell that it came from, and no other
 * cell is given anything.
 */
export function reluPool(call: EmitCall<PoolWindow>, maximum: number): Emitted {
  const pool = maxPool(call);
  const through = derivative(call, pool.y, maximum);
  return { y: pool.y, gradient: (dy) => arriving(call, pool.gradient(through(dy), 0)) };
}

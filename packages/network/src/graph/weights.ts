import type { HostArrays } from "../ops/operation.js";
import type { Step } from "./plan.js";

/** Weights by node, in host memory; never written to. */
export type WeightTable = ReadonlyMap<string, HostArrays>;

export const bytesOfWeights = (weights: WeightTable): number =>
  [...weights.values()].flatMap((own) => Object.values(own)).reduce((sum, { values }) => sum + values.byteLength, 0);

/** What a step's operation reads, in host memory: batch normalisation folded in. */
export function hostOperands({ node, affine }: Step, weights: WeightTable): HostArrays {
  const own = weights.get(node.name) ?? {};
  const operands = node.operation.operands?.(own) ?? own;
  if (!affine) return operands;
  const scale = affine.operation.operands?.(weights.get(affine.name) ?? {}) ?? {};
  return node.operation.fold?.(operands, scale) ?? operands;
}

import * as ops from "../../../ops/index.js";
import type { HostArray } from "../../../ops/operation.js";
import { dimsOf } from "../layout.js";
import type { Operator } from "./operator.js";

/** BatchNormalization at inference; on images and vectors, a channel each. */
export const batchNormalization: Operator = (step, builder) => {
  if (step.int("training_mode", 0) !== 0)
    throw step.fail("it normalises by the batch at hand", "a network exported for inference", "Call `model.eval()` before the export.");
  const input = step.value(0);
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => step.needed(i));
  const array = (values: ArrayLike<number>): HostArray => ({ shape: [values.length], values: Float32Array.from(values) });
  return builder.make(step, {
    operation: ops.batchNormalization({ epsilon: step.float("epsilon", 1e-5), center: true, scale: true }),
    inputs: [builder.arrange(input)],
    dims: dimsOf(input),
    weights: {
      gamma: array(gamma!.values),
      beta: array(beta!.values),
      moving_mean: array(mean!.values),
      moving_variance: array(variance!.values),
    },
    names: [gamma, beta, mean, variance].map((constant) => constant!.name),
  });
};

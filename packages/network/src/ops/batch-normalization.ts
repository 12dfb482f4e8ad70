import * as tf from "@tensorflow/tfjs-core";
import { present, type Operation } from "./operation.js";

export interface BatchNormalization {
  readonly epsilon: number;
  /** has beta */
  readonly center: boolean;
  /** has gamma */
  readonly scale: boolean;
}

/** Inference-mode batch normalisation of the last axis: `x·s + t`, s = γ/√(σ² + ε), t = β − μ·s, in float64 on the host. */
export const batchNormalization = ({ epsilon, center, scale }: BatchNormalization): Operation => ({
  kind: "batch-normalization",
  reads: [],
  shape: ([input = []]) => input,
  parameters: ([input]) => {
    const shape = [input?.at(-1) ?? 0];
    return { ...(scale && { gamma: shape }), ...(center && { beta: shape }), moving_mean: shape, moving_variance: shape };
  },
  operands: ({ gamma, beta, moving_mean, moving_variance }) => {
    const mean = present(moving_mean, "moving mean");
    const variance = present(moving_variance, "moving variance").values;
    const factor = (i: number): number => (gamma?.values[i] ?? 1) / Math.sqrt(variance[i]! + epsilon);
    return {
      scale: { shape: mean.shape, values: Float32Array.from(mean.values, (_, i) => factor(i)) },
      shift: { shape: mean.shape, values: Float32Array.from(mean.values, (value, i) => (beta?.values[i] ?? 0) - value * factor(i)) },
    };
  },
  forward: ([x], operands) => tf.add(tf.mul(present(x, "x"), present(operands["scale"], "scale")), present(operands["shift"], "shift")),
  gradient: ({ dy, operands }) => tf.mul(dy, present(operands["scale"], "scale")),
});

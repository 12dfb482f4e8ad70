import * as tf from "@tensorflow/tfjs-core";
import { present, type HostArray, type Operation } from "./operation.js";

export interface ConstantAffine {
  /** factor and summand of the input's rank, an axis of size 1 repeated; the file's constants, not weights: no redraw touches them */
  readonly scale?: HostArray;
  readonly shift?: HostArray;
}

/** x ⊙ scale + shift with constants: normalisation of the input inside the network, scores between layers. */
export const constantAffine = ({ scale, shift }: ConstantAffine): Operation => ({
  kind: "constant-affine",
  attributes: { scale, shift },
  reads: [],
  shape: ([input = []]) => {
    for (const { shape } of [scale, shift].flatMap((array) => array ?? [])) {
      if (shape.length !== input.length || shape.some((size, i) => size !== 1 && size !== input[i]))
        throw new Error(`a constant [${shape.join(", ")}] does not fit [${input.join(", ")}]`);
    }
    return input;
  },
  operands: () => ({ ...(scale && { scale }), ...(shift && { shift }) }),
  forward: ([x], operands) => {
    const scaled = operands["scale"] ? tf.mul(present(x, "x"), operands["scale"]) : present(x, "x").clone();
    return operands["shift"] ? tf.add(scaled, operands["shift"]) : scaled;
  },
  gradient: ({ dy, operands }) => (operands["scale"] ? tf.mul(dy, operands["scale"]) : dy.clone()),
});

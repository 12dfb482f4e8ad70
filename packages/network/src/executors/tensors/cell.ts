import * as tf from "@tensorflow/tfjs-core";
import type { HostArrays, Operands } from "../../ops/operation.js";

export const upload = (arrays: HostArrays): Operands =>
  Object.fromEntries(Object.entries(arrays).map(([name, { values, shape }]) => [name, tf.tensor(values, [...shape])]));

/** The operands of one step on the backend, shared by every network in which the step has the same weights. */
export class Cell {
  readonly operands: Operands;
  #owners = 1;

  constructor(arrays: HostArrays) {
    this.operands = upload(arrays);
    // A network outlives the tidy in which it may be loaded or redrawn; `release` is the only end.
    for (const tensor of Object.values(this.operands)) tf.keep(tensor);
  }

  share(): this {
    this.#owners++;
    return this;
  }

  release(): void {
    if (--this.#owners === 0) tf.dispose(Object.values(this.operands));
  }
}

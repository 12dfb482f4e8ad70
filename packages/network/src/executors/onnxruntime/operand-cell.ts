import type { HostArray, HostArrays } from "../../ops/operation.js";
import { arranged, type Arranged, type Arrangement } from "./arrangement.js";

/** The operands of one step, and their arrangements, one object each; shared by every network in which the step has the same weights. */
export class OperandCell {
  readonly operands: HostArrays;
  readonly #arranged = new Map<string, Arranged>();

  constructor(operands: HostArrays) {
    this.operands = operands;
  }

  /** Each step has one array, its kernel, that is arranged at all. */
  arranged(array: HostArray, how: Arrangement): Arranged {
    const made = this.#arranged.get(how.name) ?? arranged(array, how);
    this.#arranged.set(how.name, made);
    return made;
  }
}

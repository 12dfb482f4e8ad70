import type { HostArray, HostArrays } from "../../ops/operation.js";
import type { Arrangement } from "./arrangement.js";

/** The operands of one step, and the arrangements that were made of them; shared by every network in which the step has the same weights. */
export class OperandCell {
  readonly operands: HostArrays;
  readonly #arranged = new Map<string, HostArray>();

  constructor(operands: HostArrays) {
    this.operands = operands;
  }

  /** Each step has one array, its kernel, that is arranged at all. */
  arranged(array: HostArray, { name, arrange }: Arrangement): HostArray {
    const made = this.#arranged.get(name) ?? arrange(array);
    this.#arranged.set(name, made);
    return made;
  }
}

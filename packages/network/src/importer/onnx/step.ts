import { AssayError } from "@assay/core/plugin";
import type { Constant } from "./constant.js";
import type { Value } from "./layout.js";
import type { NodeMessage } from "./messages.js";

export type Input = Value | Constant;

export const isConstant = (input: Input): input is Constant => "values" in input;

/** A node of the file with what feeds it; every complaint names it. */
export class Step {
  constructor(
    readonly node: NodeMessage,
    readonly inputs: readonly (Input | undefined)[],
    readonly where: string,
    private readonly decode: (name: string) => Constant | undefined,
    private readonly file: { readonly opset: number; readonly batch: number | undefined },
  ) {}

  /** version of the standard operator set */
  get opset(): number {
    return this.file.opset;
  }

  /** the batch that the file is made for; undefined where it is free */
  get batch(): number | undefined {
    return this.file.batch;
  }

  get op(): string {
    return this.node.op;
  }

  get place(): string {
    return `${this.where}, node ${this.node.name || (this.node.outputs[0] ?? "?")} (${this.op})`;
  }

  /** A node that means something this importer does not know. */
  fail(what: string, expected?: string, next?: string): AssayError {
    return new AssayError({
      code: "MODEL-UNSUPPORTED-LAYER",
      where: this.place,
      what,
      ...(expected !== undefined && { expected }),
      ...(next !== undefined && { next }),
      exit: 2,
    });
  }

  has(name: string): boolean {
    return this.node.attributes.has(name);
  }

  int(name: string, otherwise?: number): number {
    const value = this.node.attributes.get(name)?.i ?? (this.has(name) ? 0 : otherwise);
    if (value !== undefined) return value;
    throw this.fail(`has no attribute ${name}`);
  }

  float(name: string, otherwise: number): number {
    return this.node.attributes.get(name)?.f ?? (this.has(name) ? 0 : otherwise);
  }

  text(name: string, otherwise: string): string {
    return this.node.attributes.get(name)?.s ?? otherwise;
  }

  ints(name: string, otherwise?: readonly number[]): readonly number[] {
    const value = this.node.attributes.get(name)?.ints ?? otherwise;
    if (value !== undefined) return value;
    throw this.fail(`has no attribute ${name}`);
  }

  /** A tensor among the attributes. */
  tensor(name: string): Constant | undefined {
    return this.decode(name);
  }

  /** An input that depends on the image. */
  value(index: number): Value {
    const input = this.inputs[index];
    if (input && !isConstant(input)) return input;
    throw this.fail(`input ${index} does not depend on the image`, "an activation");
  }

  /** An input that does not depend on the image; undefined where it is left out. */
  constant(index: number): Constant | undefined {
    const input = this.inputs[index];
    if (!input) return undefined;
    if (isConstant(input)) return input;
    throw this.fail(`input ${index} (${this.node.inputs[index]}) depends on the image`, "a constant");
  }

  needed(index: number): Constant {
    const input = this.constant(index);
    if (input) return input;
    throw this.fail(`input ${index} is missing`, "a constant");
  }

  /** Whole numbers of an attribute, or of an input in newer operator sets. */
  list(name: string, index: number): readonly number[] | undefined {
    if (this.has(name)) return this.ints(name);
    const input = this.constant(index);
    return input && Array.from(input.values);
  }
}

import type { LayerSpec } from "../../graph/graph.js";
import * as ops from "../../ops/index.js";
import type { HostArrays, Operation } from "../../ops/operation.js";
import type { Constant } from "./constant.js";
import { fresh, naturalOrder, orderOf, reshaped, sameFactors, shapeOf, sizeOf, type Value } from "./layout.js";
import { Names } from "./names.js";
import type { Step } from "./step.js";

/** A layer to be made: its operation, and the sizes that the ONNX graph sees behind it. */
export interface Made {
  readonly operation: Operation;
  readonly inputs: readonly Value[];
  readonly dims: readonly number[];
  /** the ONNX axis at each place of the layer's array. Default: channels last */
  readonly order?: readonly number[];
  readonly weights?: HostArrays;
  /** names in the file of the weights, of which the layer gets its name */
  readonly names?: readonly (string | undefined)[];
  /** where a node becomes two layers, what the first one is */
  readonly part?: string;
}

/** Collects the layers and weights of a file while its nodes are read. */
export class Builder {
  readonly layers: LayerSpec[] = [];
  readonly weights = new Map<string, HostArrays>();
  readonly #names: Names;
  /** node and place of the kernel that a weight of the file was used for */
  readonly #kernels = new Map<string, string>();

  constructor(
    input: string,
    /** the operator's constant summand, when the next node alone adds one: the bias of a convolution or of a matrix product */
    readonly takeBias: (step: Step, fits: (summand: Constant) => boolean) => Constant | undefined,
  ) {
    this.#names = new Names(input);
  }

  make(step: Step, { operation, inputs, dims, order = naturalOrder(dims.length), weights, names, part }: Made): Value {
    const before = inputs[0]?.layer ?? "";
    const plain = (): string => (part === undefined ? this.#names.plain(step, before) : this.#names.after(before, part));
    const name = names ? this.#names.weighted(step, names) : plain();
    this.layers.push({ name, kind: step.op, inputs: inputs.map((input) => input.layer), operation });
    if (weights) this.weights.set(name, weights);
    return fresh(name, dims, order);
  }

  /** A layer that works on every number alone, in whatever order they stand. */
  pointwise(step: Step, operation: Operation, input: Value, part?: string): Value {
    const { layer } = this.make(step, { operation, inputs: [input], dims: [], ...(part !== undefined && { part }) });
    return { ...input, layer };
  }

  /** The value seen in other sizes. */
  reshape(value: Value, dims: readonly number[]): Value {
    const seen = reshaped(value, dims);
    if (seen) return seen;
    const order = value.axes.map((_, axis) => axis);
    const flat = this.arrange({ ...this.arrange(value, order), axes: [value.axes.flat()] }, [0]);
    const total = sizeOf(value.axes.flat());
    return reshaped(fresh(flat.layer, [total], [0]), dims) ?? flat;
  }

  /** A kernel that two layers share would be redrawn twice: refused. */
  own(step: Step, { name }: Constant): void {
    if (name === undefined) return;
    const other = this.#kernels.get(name);
    if (other !== undefined) throw step.fail(`weight ${name} is also that of ${other}: shared layers are not supported`);
    this.#kernels.set(name, step.node.name);
  }

  /** The value with its axes stored in this order; moves numbers only where they stand in another one. */
  arrange(value: Value, order: readonly number[] = naturalOrder(value.axes.length)): Value {
    const stored = order.map((axis) => value.axes[axis]!);
    const [from, to] = [value.stored.flat(), stored.flat()];
    const shape = stored.map(sizeOf);
    if (sameFactors(from, to)) {
      if (shape.join() === shapeOf(value).join()) return { ...value, stored };
      const operation = shape.length === 1 ? ops.flatten : ops.rearrange({ split: shape, order: shape.map((_, i) => i), shape });
      return { ...value, layer: this.#moved(value, shape.length === 1 ? "Flatten" : "Reshape", operation), stored };
    }
    const operation = ops.rearrange({ split: from.map((factor) => factor.size), order: to.map((factor) => from.indexOf(factor)), shape });
    return { ...value, layer: this.#moved(value, "Transpose", operation), stored };
  }

  /** The value stored as a permutation of its axes: as it is, if it is one. */
  permuted(value: Value): { readonly value: Value; readonly order: readonly number[] } {
    const order = orderOf(value);
    if (order) return { value, order };
    const natural = naturalOrder(value.axes.length);
    return { value: this.arrange(value, natural), order: natural };
  }

  #moved(value: Value, kind: string, operation: Operation): string {
    const name = this.#names.after(value.layer, kind);
    this.layers.push({ name, kind, inputs: [value.layer], operation });
    return name;
  }
}

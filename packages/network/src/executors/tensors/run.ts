import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { present, type Kernels, type Operands } from "../../ops/operation.js";
import type { Rule } from "../../rules/rule.js";
import type { Step } from "../../graph/plan.js";

export interface Machine {
  readonly steps: readonly Step[];
  readonly kernels: Kernels;
  readonly operands: (step: Step) => Operands;
}

/** Runs the steps that `wanted` needs, from the input on; returns the wanted outputs, which the caller owns, and releases the rest on the way. */
export function forward({ steps, kernels, operands }: Machine, input: string, x: Tensor, wanted: ReadonlySet<string>): Map<string, Tensor> {
  const needed = new Set(wanted);
  for (const { output, node } of [...steps].reverse()) if (needed.has(output)) for (const source of node.inputs) needed.add(source);
  const run = steps.filter(({ output }) => needed.has(output));
  const readers = new Map<string, number>();
  for (const { node } of run) for (const source of node.inputs) readers.set(source, (readers.get(source) ?? 0) + 1);
  const values = new Map<string, Tensor>([[input, x.clone()]]);
  for (const step of run) {
    const inputs = step.node.inputs.map((source) => present(values.get(source), source));
    values.set(
      step.output,
      tf.tidy(() => step.node.operation.forward(inputs, operands(step), kernels)),
    );
    for (const source of step.node.inputs) {
      const left = (readers.get(source) ?? 0) - 1;
      readers.set(source, left);
      if (left === 0 && !wanted.has(source)) release(values, source);
    }
  }
  return values;
}

export interface Reverse {
  readonly from: string;
  readonly to: string;
  readonly dy: Tensor;
  readonly rule: Rule;
  /** nodes that depend on `to`: no other gets a gradient */
  readonly path: ReadonlySet<string>;
  readonly values: Map<string, Tensor>;
  /** shape of a node's output, with the batch */
  readonly shape: (name: string) => readonly number[];
}

/**
 * Walks back from `from` to `to`. A node's gradient is the sum over its readers, complete before the node is passed:
 * a rule at a ReLU sees the sum. Steps are those between the two, in forward order.
 */
export function reverse({ steps, kernels, operands }: Machine, { from, to, dy, rule, path, values, shape }: Reverse): Tensor {
  const gradients = new Map<string, Tensor>([[from, dy]]);
  for (const step of [...steps].reverse()) {
    const { node, output } = step;
    const arriving = gradients.get(output);
    if (!arriving || output === to) continue;
    const inputShapes = node.inputs.map(shape);
    node.inputs.forEach((source, index) => {
      if (!path.has(source)) return;
      const xs = node.operation.reads.includes("x") ? node.inputs.map((name) => present(values.get(name), name)) : undefined;
      const x = xs?.[0];
      const y = values.get(output);
      const call = {
        dy: arriving,
        index,
        inputShapes,
        operands: operands(step),
        kernels,
        rule,
        ...(xs && { xs }),
        ...(x && { x }),
        ...(y && { y }),
      };
      const own = tf.tidy(() => node.operation.gradient(call));
      const before = gradients.get(source);
      gradients.set(source, before ? tf.add(before, own) : own);
      if (before) tf.dispose([before, own]);
    });
    release(gradients, output);
    release(values, output);
  }
  return present(gradients.get(to), `gradient at ${to}`);
}

function release(values: Map<string, Tensor>, name: string): void {
  values.get(name)?.dispose();
  values.delete(name);
}

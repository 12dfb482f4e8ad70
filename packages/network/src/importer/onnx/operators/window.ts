import type { Padding, Pair } from "../../../ops/operation.js";
import { span } from "../../../ops/window.js";
import { dimsOf, type Value } from "../layout.js";
import type { Step } from "../step.js";

export interface ReadWindow {
  readonly size: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly padding: Padding;
}

const pair = (step: Step, name: string, values: readonly number[]): Pair => {
  const [rows, columns, more] = values;
  if (rows !== undefined && columns !== undefined && more === undefined) return [rows, columns];
  throw step.fail(`${name} has ${values.length} numbers`, "an image: two axes");
};

/** `[channels, rows, columns]` of an image. */
export function plane(step: Step, value: Value): readonly [channels: number, rows: number, columns: number] {
  const [c, h, w, ...more] = dimsOf(value);
  if (c !== undefined && h !== undefined && w !== undefined && more.length === 0) return [c, h, w];
  throw step.fail(`its input has ${value.axes.length + 1} axes`, "an image [n, c, h, w]");
}

/**
 * Where the window of a convolution or pool lies. Padding that is what `same` or `valid` would be is called so. With `ceil_mode`
 * the last window may reach beyond the padding, if it begins before: as padding behind.
 */
export function readWindow(step: Step, input: Value, kernel: readonly number[]): ReadWindow {
  const [, ...lengths] = plane(step, input);
  const size = pair(step, "kernel_shape", step.ints("kernel_shape", kernel));
  const strides = pair(step, "strides", step.ints("strides", [1, 1]));
  const dilations = pair(step, "dilations", step.ints("dilations", [1, 1]));
  const auto = step.text("auto_pad", "NOTSET");
  const axis = (i: 0 | 1): Pair => {
    const length = lengths[i];
    const reach = (size[i] - 1) * dilations[i] + 1;
    if (auto.startsWith("SAME")) {
      const total = Math.max(0, (Math.ceil(length / strides[i]) - 1) * strides[i] + reach - length);
      const small = Math.floor(total / 2);
      return auto === "SAME_UPPER" ? [small, total - small] : [total - small, small];
    }
    const [before, after] = auto === "VALID" ? [0, 0] : [step.ints("pads", [0, 0, 0, 0])[i]!, step.ints("pads", [0, 0, 0, 0])[i + 2]!];
    if (step.int("ceil_mode", 0) === 0) return [before, after];
    const steps = Math.ceil((before + length + after - reach) / strides[i]);
    const last = steps * strides[i] >= before + length ? steps - 1 : steps;
    return [before, Math.max(after, last * strides[i] + reach - before - length)];
  };
  const sides = [axis(0), axis(1)] as const;
  if (sides.flat().some((cells) => cells < 0)) throw step.fail("has negative padding");
  const is = (name: "same" | "valid"): boolean =>
    ([0, 1] as const).every((i) => {
      const [own, other] = [sides[i], name].map((padding) => span(lengths[i], size[i], strides[i], padding as Pair | "same", dilations[i]));
      return own!.length === other!.length && own!.before === other!.before;
    });
  return { size, strides, dilations, padding: is("valid") ? "valid" : is("same") ? "same" : sides };
}

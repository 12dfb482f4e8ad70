import { AssayError, AssayErrors } from "../errors/error.js";
import { didYouMean } from "../errors/suggest.js";
import type { Plan } from "../experiment/plan-types.js";

/** Narrows what is asked for: by node, and by values of axes (only instances that stand on all of those axes). */
export interface Selection {
  readonly only?: readonly string[];
  readonly where?: Readonly<Record<string, readonly string[]>>;
}

/** Refuses (AssayErrors, exit 2) names that select nothing: a run of nothing would look like a result. */
export function checkSelection(plan: Plan, { only = [], where = {} }: Selection): void {
  const errors: AssayError[] = [];
  const refuse = (option: string, what: string, name: string, known: readonly string[], noun: string): void => {
    if (known.includes(name)) return;
    errors.push(new AssayError({ code: "SELECTION", where: option, what, next: didYouMean(name, known, noun) }));
  };
  for (const node of only) refuse(`--only ${node}`, "the experiment has no such node", node, plan.nodes, "Its nodes");
  for (const [axis, values] of Object.entries(where)) {
    const points = new Set([...plan.instances.values()].flatMap(({ axes }) => axes[axis] ?? []));
    if (points.size === 0) {
      const axes = new Set([...plan.instances.values()].flatMap((instance) => Object.keys(instance.axes)));
      refuse(`--where ${axis}=${values.join()}`, "the experiment has no such axis", axis, [...axes], "Its axes");
    } else
      for (const value of values)
        refuse(`--where ${axis}=${value}`, `the axis ${axis} has no such value`, value, [...points], "Its values");
  }
  if (errors.length > 0) throw new AssayErrors(errors);
}

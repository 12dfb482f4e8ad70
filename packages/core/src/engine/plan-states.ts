import type { Instance, Plan } from "../experiment/plan-types.js";
import type { Store } from "../store/store.js";
import { checkSelection, type Selection } from "./selection.js";
import type { PlanEntry } from "./types.js";
import { whyRun } from "./why.js";

/** What an instance leaves in the store; data sets, models and surrogates are made again when something needs them. */
export function keeps(instance: Instance): "maps" | "weights" | "result" | undefined {
  const { kind } = instance.plugin.definition;
  if (kind === "explainer") return "maps";
  if (kind === "trainer") return "weights";
  return kind === "metric" || kind === "report" ? "result" : undefined;
}

type State = "found" | "absent" | "damaged";

const LOOK: Readonly<Record<"maps" | "weights" | "result", (store: Store, key: string) => State>> = {
  maps: (store, key) => (store.hasMaps(key) ? "found" : "absent"),
  weights: (store, key) => store.trainings.read(key).state,
  result: (store, key) => store.readResult(key).state,
};

/**
 * What must run, walking back from what is asked for: scores, reports and whatever nothing consumes.
 * Stored scores, reports and weights are read and checked here; maps are checked when they are read.
 */
export function planStates(plan: Plan, store: Store, selection: Selection = {}): PlanEntry[] {
  checkSelection(plan, selection);
  const recorded = store.index.read(plan.name);
  const consumed = new Set([...plan.instances.values()].flatMap(inputIds));
  const found = new Map<string, State>();
  const look = (instance: Instance): State => {
    const known = found.get(instance.key);
    if (known) return known;
    const kept = keeps(instance);
    const state = kept ? LOOK[kept](store, instance.key) : "absent";
    found.set(instance.key, state);
    return state;
  };
  const needed = new Set<string>();
  const need = (instance: Instance): void => {
    if (needed.has(instance.id)) return;
    needed.add(instance.id);
    if (keeps(instance) && look(instance) === "found") return;
    for (const id of inputIds(instance)) need(plan.instances.get(id)!);
  };
  for (const instance of plan.instances.values()) if (isAskedFor(instance, consumed, selection)) need(instance);
  return [...plan.instances.values()].map((instance): PlanEntry => {
    const kept = keeps(instance);
    const state = kept && look(instance);
    if (state === "found") return { instance, state: "hit", reason: "in the store" };
    if (!needed.has(instance.id)) return { instance, state: "not-needed", reason: "everything that needs it is in the store" };
    if (state === "damaged") return { instance, state: "run", reason: "its stored result is damaged" };
    return { instance, state: "run", reason: kept ? whyRun(instance, recorded.get(instance.id)) : "made for what runs" };
  });
}

export const inputIds = (instance: Instance): readonly string[] => instance.inputs.flatMap(({ instances }) => instances);

function isAskedFor(instance: Instance, consumed: ReadonlySet<string>, { only, where }: Selection): boolean {
  const stands = Object.entries(where ?? {}).every(([axis, values]) => values.includes(instance.axes[axis] ?? ""));
  if (!stands) return false;
  if (only) return only.includes(instance.node);
  return instance.output === "scores" || instance.output === "table" || !consumed.has(instance.id);
}

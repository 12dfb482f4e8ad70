import type { Instance, Plan } from "../experiment/plan-types.js";
import type { AssayError } from "../plugin/index.js";
import { groupBy } from "./group-by.js";
import { inputIds, keeps } from "./plan-states.js";
import type { PlanEntry, RunEvent } from "./types.js";

/** Where each key of a run stands: what is to be made, what is there, what cannot be made any more. */
export class Board {
  readonly failed: { readonly instance: Instance; readonly error: AssayError }[] = [];
  computed = 0;
  readonly #plan: Plan;
  readonly #emit: (event: RunEvent) => void;
  readonly #consumers = new Map<string, Instance[]>();
  #byKey = new Map<string, Instance[]>();
  readonly #made = new Set<string>();
  readonly #dead = new Set<string>();
  /** keys of maps that were planned on and turned out to be damaged */
  readonly #lost = new Set<string>();

  constructor(plan: Plan, emit: (event: RunEvent) => void) {
    this.#plan = plan;
    this.#emit = emit;
    for (const instance of plan.instances.values()) {
      for (const id of inputIds(instance)) this.#consumers.set(id, [...(this.#consumers.get(id) ?? []), instance]);
    }
  }

  /** Takes up what a look into the store found, at the start and again after damage came to light. */
  take(entries: readonly PlanEntry[]): void {
    this.#lost.clear();
    for (const { instance, state } of entries) if (state === "hit") this.#made.add(instance.key);
    const running = entries.filter(({ state }) => state === "run").map(({ instance }) => instance);
    for (const { key } of running) this.#made.delete(key);
    this.#byKey = groupBy(running, ({ key }) => key);
  }

  /** One instance for each key that is still to be made, of one kind of plugin, in plan order. */
  waiting(kind: Instance["plugin"]["definition"]["kind"]): Instance[] {
    return [...this.#byKey.values()]
      .map((same) => same[0]!)
      .filter(({ key, plugin }) => plugin.definition.kind === kind && !this.#made.has(key) && !this.#dead.has(key));
  }

  isMade(key: string): boolean {
    return this.#made.has(key);
  }

  isDead(key: string): boolean {
    return this.#dead.has(key);
  }

  get hasLost(): boolean {
    return this.#lost.size > 0;
  }

  finish(instance: Instance, elapsedMs: number): void {
    this.#made.add(instance.key);
    for (const same of this.#byKey.get(instance.key) ?? [instance]) {
      this.computed++;
      this.#emit({ type: "instance-finished", instance: same, hit: false, elapsedMs });
    }
  }

  /** An instance cannot be made, and neither can what runs on it. */
  fail(instance: Instance, error: AssayError): void {
    if (this.#dead.has(instance.key)) return;
    const skipped = new Map<string, Instance>();
    const open = this.#byKey.get(instance.key) ?? [instance];
    const own = new Set(open.map(({ id }) => id));
    for (const { key } of open) this.#dead.add(key);
    for (const next of open.slice()) this.#bury(next, skipped);
    this.failed.push({ instance, error });
    const named = [...skipped.values()].filter((one) => keeps(one) && !own.has(one.id));
    this.#emit({ type: "instance-failed", instance, error, skipped: named.map(({ id }) => id) });
  }

  #bury(instance: Instance, skipped: Map<string, Instance>): void {
    for (const consumer of this.#consumers.get(instance.id) ?? []) {
      const running = this.#byKey.get(consumer.key);
      if (!running || this.#made.has(consumer.key) || skipped.has(consumer.id)) continue;
      this.#dead.add(consumer.key);
      for (const same of running) {
        skipped.set(same.id, same);
        this.#bury(same, skipped);
      }
    }
  }

  /** A stored map did not pass its check: it is gone from the store, and the run plans again when it is through. */
  lose(key: string): void {
    this.#made.delete(key);
    this.#lost.add(key);
    const id = [...this.#plan.instances.values()].find((instance) => instance.key === key)?.id ?? key;
    this.#emit({ type: "warning", message: `The stored maps of ${id} are damaged; they are computed again.` });
  }
}

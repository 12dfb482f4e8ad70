import type { ResolveServices } from "../container/tokens.js";
import type { Facts, Plan } from "../experiment/plan-types.js";
import type { Store } from "../store/store.js";
import { Engine, type EngineOptions } from "./engine.js";
import { FactsCache } from "./facts-cache.js";
import { MetricPool } from "./metric-pool.js";
import type { RunOutcome } from "./types.js";

export interface RunPlanOptions extends EngineOptions {
  readonly store: Store;
  readonly services?: ResolveServices;
  readonly facts?: Facts;
  readonly pool?: MetricPool;
}

/** Runs a plan without a container: the same engine, wired by hand. */
export function runPlan(plan: Plan, { store, services = () => [], facts, pool, ...options }: RunPlanOptions): Promise<RunOutcome> {
  return new Engine(store, facts ?? new FactsCache(services), services, pool ?? new MetricPool()).run(plan, options);
}

import type { ResolveServices } from "../container/tokens.js";
import type { Facts, Instance, Plan } from "../experiment/plan-types.js";
import type { Dataset } from "../plugin/index.js";
import { seedTree } from "../plugin/random.js";
import type { Store } from "../store/store.js";
import type { Board } from "./board.js";
import type { MapCache } from "./map-cache.js";
import type { MetricPool } from "./metric-pool.js";
import type { Networks } from "./networks.js";
import type { Progress } from "./progress.js";

/** What the parts of one run share. */
export interface RunContext {
  readonly plan: Plan;
  readonly store: Store;
  readonly facts: Facts;
  readonly services: ResolveServices;
  readonly board: Board;
  readonly networks: Networks;
  readonly maps: MapCache;
  readonly pool: MetricPool;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** The one instance wired to a port. */
export function inputOf(plan: Plan, instance: Instance, port: string): Instance {
  const id = instance.inputs.find((input) => input.port === port)?.instances[0];
  const input = id === undefined ? undefined : plan.instances.get(id);
  if (!input) throw new RangeError(`${instance.id} has nothing wired to its port ${port}`);
  return input;
}

/** A data set as it comes, or with the labels that a randomizer gave it. */
export async function openDataset(run: Pick<RunContext, "facts" | "plan">, instance: Instance): Promise<Dataset> {
  const { definition } = instance.plugin;
  if (definition.kind !== "randomizer" || definition.on !== "labels") return run.facts.dataset(instance.plugin, instance.params);
  const source = await openDataset(run, inputOf(run.plan, instance, "images"));
  const { share } = instance.labels!;
  if (share === 0) return source;
  const random = seedTree(run.plan.seed).split("labels", instance.axes["draw"] ?? "0");
  const labels = definition.relabel(source.labels!, share, random);
  return Object.create(source, { labels: { value: labels, enumerable: true } }) as Dataset;
}

/** The explainer behind maps, whatever was done to them since. */
export function explainerOf(plan: Plan, instance: Instance): Instance {
  return instance.plugin.definition.kind === "explainer" ? instance : explainerOf(plan, inputOf(plan, instance, "maps"));
}

import type { Facts } from "../experiment/plan-types.js";
import type { Dataset, DatasetDefinition, ModelDefinition, ModelFacts } from "../plugin/index.js";
import { inject, injectable } from "../container/inject.js";
import { SERVICES, type ResolveServices } from "../container/tokens.js";
import type { RegisteredPlugin } from "../registry/registry.js";

/** Topologies and opened data sets, each asked for once: planning, running and reporting share them. */
@injectable()
export class FactsCache implements Facts {
  readonly #services: ResolveServices;
  readonly #models = new Map<string, Promise<ModelFacts>>();
  readonly #datasets = new Map<string, Promise<Dataset>>();

  constructor(@inject(SERVICES) services: ResolveServices) {
    this.#services = services;
  }

  model(plugin: RegisteredPlugin, params: Readonly<Record<string, unknown>>): Promise<ModelFacts> {
    const definition = plugin.definition as ModelDefinition;
    return once(this.#models, keyOf(plugin, params), () =>
      definition.describe(params, { services: this.#services(definition.needsServices) }),
    );
  }

  dataset(plugin: RegisteredPlugin, params: Readonly<Record<string, unknown>>): Promise<Dataset> {
    const definition = plugin.definition as DatasetDefinition;
    return once(this.#datasets, keyOf(plugin, params), () =>
      definition.open(params, { services: this.#services(definition.needsServices) }),
    );
  }
}

const keyOf = (plugin: RegisteredPlugin, params: Readonly<Record<string, unknown>>): string =>
  JSON.stringify([plugin.id, plugin.codeDigest, Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1))]);

function once<T>(cache: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const kept = cache.get(key);
  if (kept) return kept;
  const made = make();
  cache.set(key, made);
  // A failure is not kept: the user may mend the file and ask again.
  made.catch(() => cache.delete(key));
  return made;
}

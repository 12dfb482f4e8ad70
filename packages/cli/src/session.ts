import { resolve } from "node:path";
import {
  AssayError,
  createRunContainer,
  ENGINE,
  FACTS,
  loadPlugins,
  LOGGER,
  Registry,
  SERVICES,
  STORE,
  type EngineOptions,
  type Facts,
  type Plan,
  type PlanEntry,
  type PluginRequest,
  type ResolveServices,
  type RunContainer,
  type RunOutcome,
  type Selection,
  type Store,
} from "@assay/core";
import { backendAvailable, startBackend, type BackendName } from "@assay/network";
import type { Io } from "./io.js";
import type { GlobalOptions } from "./program.js";

/** The plugins that are there without being named. */
const BUILT_IN = ["@assay/zoo", "@assay/explainers", "@assay/randomizers", "@assay/metrics", "@assay/report"];

/** What every command works with: the plugins, the store, and the services of a run. */
export class Session {
  readonly root: string;
  readonly registry: Registry;
  readonly #container: RunContainer;

  constructor(root: string, registry: Registry, io: Io) {
    this.root = root;
    this.registry = registry;
    this.#container = createRunContainer({ root, registry });
    this.#container.register({
      token: LOGGER,
      value: { debug: () => undefined, info: (line) => io.err(line), warn: (line) => io.err(line) },
    });
  }

  get store(): Store {
    return this.#container.resolve(STORE);
  }

  get facts(): Facts {
    return this.#container.resolve(FACTS);
  }

  get services(): ResolveServices {
    return this.#container.resolve(SERVICES);
  }

  states(plan: Plan, selection?: Selection): PlanEntry[] {
    return this.#container.resolve(ENGINE).states(plan, selection);
  }

  async run(plan: Plan, options: EngineOptions): Promise<RunOutcome> {
    try {
      return await this.#container
        .resolve(ENGINE)
        .run(plan, { ...options, startBackend: async () => void (await startBackend(plan.backend as BackendName)) });
    } finally {
      await this.#container.dispose();
    }
  }

  /** Maps that a run would compute, and the bytes that they take in the store. */
  async estimate(plan: Plan, entries: readonly PlanEntry[]): Promise<{ maps: number; bytes: number }> {
    let [maps, bytes] = [0, 0];
    const seen = new Set<string>();
    for (const { instance, state } of entries) {
      if (state !== "run" || instance.plugin.definition.kind !== "explainer" || seen.has(instance.key)) continue;
      seen.add(instance.key);
      const source = instance.inputs.find(({ port }) => port === "images")?.instances[0];
      const images = source === undefined ? undefined : plan.instances.get(source);
      if (!images) continue;
      const { count, shape } = await this.facts.dataset(images.plugin, images.params);
      maps += count;
      bytes += count * shape[0] * shape[1] * shape[2] * 4;
    }
    return { maps, bytes };
  }
}

/** Loads the built-in plugins and those that a spec names. */
export async function openSession(
  io: Io,
  options: GlobalOptions,
  spec?: { readonly file: string; readonly plugins: readonly PluginRequest[] },
): Promise<Session> {
  const root = resolve(io.cwd, options.root);
  const registry = new Registry();
  const cacheFolder = resolve(root, ".assay", "plugins");
  await loadPlugins([...BUILT_IN, ...(spec?.plugins ?? [])], registry, {
    spec: spec?.file ?? resolve(root, "spec.yaml"),
    cacheFolder,
    bases: [import.meta.filename],
  });
  return new Session(root, registry, io);
}

/** The backend that will compute, without loading it: its name is part of every key, and a run of hits needs none. */
export function chooseBackend(wanted: BackendName | "auto"): BackendName {
  if (wanted === "auto") return backendAvailable("tensorflow") ? "tensorflow" : "wasm";
  if (backendAvailable(wanted)) return wanted;
  throw new AssayError({
    code: "BACKEND-MISSING",
    where: `--backend ${wanted}`,
    what: "this backend is not installed",
    next: "Run `npx assay doctor`.",
    exit: 3,
  });
}

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
  type Dataset,
  type EngineOptions,
  type Facts,
  type Instance,
  type Plan,
  type PlanEntry,
  type PluginRequest,
  type ResolveServices,
  type RunContainer,
  type RunOutcome,
  type Selection,
  type Store,
} from "@assay/core";
import { BACKENDS, backendAvailable, startBackend, type BackendName } from "@assay/network";
import type { Io } from "./io.js";
import type { GlobalOptions } from "./program.js";

/** The plugins that are there without being named. */
const BUILT_IN = ["@assay/zoo", "@assay/explainers", "@assay/randomizers", "@assay/metrics", "@assay/report"];

export interface Estimate {
  readonly maps: number;
  /** bytes that the maps take in the store */
  readonly bytes: number;
  readonly trainings: number;
  /** of all trainings together, at most */
  readonly epochs: number;
  /** of all trainings together, at most */
  readonly multiplications: number;
}

/** What every command works with: the plugins, the store, and the services of a run. */
export class Session {
  readonly root: string;
  readonly registry: Registry;
  readonly #container: RunContainer;
  readonly #threads: number | undefined;

  constructor(root: string, registry: Registry, io: Io, threads?: number) {
    this.root = root;
    this.registry = registry;
    this.#container = createRunContainer({ root, registry, ...(threads !== undefined && { threads }) });
    this.#threads = threads;
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
        .run(plan, { ...options, startBackend: async () => void (await startBackend(plan.backend as BackendName, this.#threads)) });
    } finally {
      await this.#container.dispose();
    }
  }

  /** What a run would compute. */
  async estimate(plan: Plan, entries: readonly PlanEntry[]): Promise<Estimate> {
    const sum = { maps: 0, bytes: 0, trainings: 0, epochs: 0, multiplications: 0 };
    const seen = new Set<string>();
    for (const { instance, state } of entries) {
      const { definition } = instance.plugin;
      if (state !== "run" || seen.has(instance.key)) continue;
      seen.add(instance.key);
      if (definition.kind === "explainer") {
        const { count, shape } = await this.#source(plan, instance, "images");
        sum.maps += count;
        sum.bytes += count * shape[0] * shape[1] * shape[2] * 4;
      } else if (definition.kind === "trainer") {
        const { count } = await this.#source(plan, instance, "images");
        const model = architecture(plan, instance);
        const { multiplications = 0 } = await this.facts.model(model.plugin, model.params);
        const epochs = definition.epochs(instance.params);
        sum.trainings++;
        sum.epochs += epochs;
        // An image is run forward once and back twice (to the inputs, to the weights).
        sum.multiplications += 3 * multiplications * epochs * count;
      }
    }
    return sum;
  }

  /** The data set behind a port, whatever was done to its labels. */
  #source(plan: Plan, { inputs }: Instance, port: string): Promise<Dataset> {
    const source = plan.instances.get(inputs.find((input) => input.port === port)!.instances[0]!)!;
    return source.labels ? this.#source(plan, source, "images") : this.facts.dataset(source.plugin, source.params);
  }
}

/** The model at the bottom of what a trainer is given. */
function architecture(plan: Plan, { inputs }: Instance): Instance {
  const model = plan.instances.get(inputs.find(({ port }) => port === "model")!.instances[0]!)!;
  return model.plugin.definition.kind === "model" ? model : architecture(plan, model);
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
  return new Session(root, registry, io, options.threads);
}

/** The backend that will compute, without loading it: its name is part of every key, and a run of hits needs none. */
export function chooseBackend(wanted: BackendName | "auto"): BackendName {
  if (wanted === "auto") return BACKENDS.find(backendAvailable) ?? "wasm";
  if (backendAvailable(wanted)) return wanted;
  throw new AssayError({
    code: "BACKEND-MISSING",
    where: `--backend ${wanted}`,
    what: "this backend is not installed",
    next: "Run `npx assay doctor`.",
    exit: 3,
  });
}

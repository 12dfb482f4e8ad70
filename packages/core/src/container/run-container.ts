import { container as root, type DependencyContainer } from "tsyringe";
import "./inject.js";
import { join } from "node:path";
import { Engine } from "../engine/engine.js";
import { FactsCache } from "../engine/facts-cache.js";
import { MetricPool } from "../engine/metric-pool.js";
import { AssayError } from "../errors/error.js";
import { CACHE_FOLDER, LOGGER, type Logger, type Token } from "../plugin/services.js";
import { Registry } from "../registry/registry.js";
import { Store } from "../store/store.js";
import { ENGINE, FACTS, METRIC_POOL, pluginToken, REGISTRY, SERVICES, STORE } from "./tokens.js";

type Constructor<T> = new (...args: never[]) => T;

/** A service in place of the built-in one, or one more: a value, a class with `@inject` on every parameter, or a factory called once. */
export type Override<T = unknown> = { readonly token: Token<T> } & (
  { readonly value: T } | { readonly class: Constructor<T> } | { readonly make: (container: RunContainer) => T }
);

export interface RunContainerOptions {
  /** the folder that holds `.assay`. Default: the current one. */
  readonly root?: string;
  readonly registry?: Registry;
  readonly overrides?: readonly Override[];
  /** that score at once; as many as there are cores if not given */
  readonly threads?: number;
}

const silent: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };

/**
 * The services of one run. Registrations live in a container of their own: tsyringe hides a parent's behind a child's, so
 * nothing is ever registered above it. What must be released is put on a stack here, since tsyringe disposes neither
 * values nor what a factory made.
 */
export class RunContainer {
  readonly #container: DependencyContainer = root.createChildContainer();
  readonly #releases: { readonly name: string; readonly release: () => unknown }[] = [];

  constructor({ root: folder = ".", registry = new Registry(), overrides = [], threads }: RunContainerOptions = {}) {
    const assay = join(folder, ".assay");
    this.register({ token: REGISTRY, value: registry });
    this.register({ token: LOGGER, value: silent });
    this.register({ token: CACHE_FOLDER, value: join(assay, "cache") });
    this.register({ token: STORE, make: () => new Store(assay) });
    this.register({ token: SERVICES, value: (needs) => (needs ?? []).map((token) => this.resolve(token)) });
    this.register({ token: FACTS, class: FactsCache });
    this.register({ token: METRIC_POOL, make: () => this.#released("metric pool", new MetricPool(threads), (pool) => pool.close()) });
    this.register({ token: ENGINE, class: Engine });
    for (const plugin of registry.list()) this.#container.register(nameOf(pluginToken(plugin.definition.kind)), { useValue: plugin });
    for (const override of overrides) this.register(override);
  }

  /** Puts a service under a token, in place of what was there. */
  register<T>(override: Override<T>): void {
    const token = nameOf(override.token);
    if ("value" in override) this.#container.register(token, { useValue: override.value });
    else if ("class" in override) this.#container.registerSingleton(token, override.class as unknown as new () => object);
    else {
      let made: { readonly value: T } | undefined;
      this.#container.register(token, { useFactory: () => (made ??= { value: override.make(this) }).value });
    }
  }

  resolve<T>(token: Token<T>): T {
    if (!this.#container.isRegistered(nameOf(token))) {
      throw new AssayError({
        code: "SERVICE-MISSING",
        where: token.description ?? "a service",
        what: "a plugin needs this service, and none is registered under its token",
        next: "Register one when the run's container is made.",
        exit: 3,
      });
    }
    return this.#container.resolve<T>(nameOf(token));
  }

  /** All services under a token, such as every plugin of a kind. */
  resolveAll<T>(token: Token<T>): T[] {
    return this.#container.isRegistered(nameOf(token)) ? this.#container.resolveAll<T>(nameOf(token)) : [];
  }

  /** Has something released when the run ends, before whatever was noted earlier. */
  onDispose(name: string, release: () => unknown): void {
    this.#releases.push({ name, release });
  }

  /** Releases in reverse order; one that fails keeps none of the others from it. */
  async dispose(): Promise<void> {
    const errors: unknown[] = [];
    for (let next = this.#releases.pop(); next; next = this.#releases.pop()) {
      try {
        await next.release();
      } catch (error) {
        errors.push(new Error(`releasing ${next.name} failed`, { cause: error }));
      }
    }
    this.#container.clearInstances();
    if (errors.length > 0) throw new AggregateError(errors, errors.map((error) => (error as Error).message).join("; "));
  }

  #released<T>(name: string, value: T, release: (value: T) => unknown): T {
    this.onDispose(name, () => release(value));
    return value;
  }
}

const nameOf = (token: Token<unknown>): symbol => token;

export const createRunContainer = (options?: RunContainerOptions): RunContainer => new RunContainer(options);

/** Runs `work` with a container and releases everything afterwards, on failure too. */
export async function withRunContainer<T>(options: RunContainerOptions, work: (container: RunContainer) => Promise<T>): Promise<T> {
  const container = createRunContainer(options);
  try {
    return await work(container);
  } finally {
    await container.dispose();
  }
}

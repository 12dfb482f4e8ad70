import type { Facts } from "../experiment/plan-types.js";
import type { Engine } from "../engine/engine.js";
import type { MetricPool } from "../engine/metric-pool.js";
import { token, type Token } from "../plugin/services.js";
import type { PluginKind } from "../plugin/definition.js";
import type { RegisteredPlugin, Registry } from "../registry/registry.js";
import type { Store } from "../store/store.js";

/** Hands a plugin the services that it names in `needsServices`, in that order. */
export type ResolveServices = (needs: readonly Token<unknown>[] | undefined) => readonly unknown[];

export const REGISTRY: Token<Registry> = token<Registry>("registry");
export const STORE: Token<Store> = token<Store>("store");
export const FACTS: Token<Facts> = token<Facts>("facts");
export const SERVICES: Token<ResolveServices> = token<ResolveServices>("services");
export const METRIC_POOL: Token<MetricPool> = token<MetricPool>("metric-pool");
export const ENGINE: Token<Engine> = token<Engine>("engine");

/** All plugins of a kind: `resolveAll(pluginToken("metric"))`. */
export const pluginToken = (kind: PluginKind): Token<RegisteredPlugin> => token<RegisteredPlugin>(`plugin.${kind}`);

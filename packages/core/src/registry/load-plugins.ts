import { existsSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { AssayError, AssayErrors, type Place } from "../errors/error.js";
import { PLUGIN_KINDS, type Definition, type PluginKind } from "../plugin/index.js";
import { sha256 } from "../store/atomic-file.js";
import { bundlePlugin } from "./bundle-plugin.js";
import { folderDigest, surroundingsDigest } from "./code-digest.js";
import type { Registry } from "./registry.js";
import { resolvePackage } from "./resolve-package.js";

export interface PluginRequest {
  /** a package name, or a path that starts with `.` or `/` */
  readonly name: string;
  /** where the spec asks for it */
  readonly place?: Place;
}

export interface LoadPluginsOptions {
  /** the spec: paths are relative to its folder, and packages are looked for from there first */
  readonly spec: string;
  /** where bundles of path plugins are kept: `.assay/plugins` */
  readonly cacheFolder: string;
  /** further files from which a package may be found, such as the command line's own */
  readonly bases?: readonly string[];
}

interface Loaded {
  readonly definitions: readonly Definition[];
  readonly origin: string;
  readonly module: string;
  readonly digestOf: (definition: Definition) => string;
}

/** Loads plugin modules into a registry. All that is wrong is reported at once. */
export async function loadPlugins(
  requests: readonly (string | PluginRequest)[],
  registry: Registry,
  options: LoadPluginsOptions,
): Promise<void> {
  const named = requests.map((request) => (typeof request === "string" ? { name: request } : request));
  const errors: AssayError[] = [];
  for (const loading of await Promise.allSettled(named.map((request) => load(request, options)))) {
    try {
      if (loading.status === "rejected") throw loading.reason;
      const { definitions, digestOf, origin, module } = loading.value;
      for (const definition of definitions) registry.add(definition, { origin, module, codeDigest: digestOf(definition) });
    } catch (error) {
      if (!(error instanceof AssayError)) throw error;
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0]!;
  if (errors.length > 1) throw new AssayErrors(errors);
}

async function load(request: PluginRequest, options: LoadPluginsOptions): Promise<Loaded> {
  const isPath = /^\.{0,2}\//.test(request.name) || isAbsolute(request.name);
  const loaded = isPath ? await fromPath(request, options) : await fromPackage(request, options);
  let exported: { readonly default?: unknown };
  try {
    exported = (await import(/* @vite-ignore */ loaded.module)) as { readonly default?: unknown };
  } catch (error) {
    throw refuse(
      "PLUGIN-LOAD",
      request,
      `it throws while it is loaded: ${error instanceof Error ? error.message : String(error)}`,
      {},
      error,
    );
  }
  return { ...loaded, definitions: definitionsOf(exported.default, request) };
}

async function fromPath(
  request: PluginRequest,
  { spec, cacheFolder, bases = [] }: LoadPluginsOptions,
): Promise<Omit<Loaded, "definitions">> {
  const file = resolve(dirname(spec), request.name);
  if (!existsSync(file)) throw refuse("PLUGIN-MISSING", request, "there is no such file", { got: relative(process.cwd(), file) });
  const { module, codeDigest } = await bundlePlugin(file, cacheFolder, bases);
  const digest = sha256(`${codeDigest} ${await surroundingsDigest()}`);
  return { origin: request.name, module, digestOf: () => digest };
}

async function fromPackage(request: PluginRequest, { spec, bases = [] }: LoadPluginsOptions): Promise<Omit<Loaded, "definitions">> {
  const entry = resolvePackage(request.name, [spec, ...bases]);
  if (entry === undefined) {
    throw refuse("PLUGIN-MISSING", request, "there is no such package", {
      next: `Install it (\`npm install ${request.name}\`), or name a file as \`./file.ts\`.`,
      exit: 3,
    });
  }
  const own = `${await folderDigest(dirname(entry))} ${await surroundingsDigest()}`;
  // What a model computes is the network's code as much as its own.
  const network = resolvePackage("@assay/network", [entry]);
  const below = network === undefined ? "" : await folderDigest(dirname(network));
  return {
    origin: request.name,
    module: pathToFileURL(entry).href,
    digestOf: ({ kind }) => sha256(kind === "model" || kind === "trainer" ? `${own} ${below}` : own),
  };
}

const FUNCTIONS: Record<PluginKind, string> = {
  dataset: "open",
  model: "load",
  trainer: "start",
  explainer: "attribute",
  randomizer: "stages",
  metric: "compare",
  surrogate: "surrogate",
  report: "build",
};

function definitionsOf(exported: unknown, request: PluginRequest): Definition[] {
  const all: unknown[] = Array.isArray(exported) ? exported : [exported];
  const wrong = all.length === 0 ? "an empty list" : all.map(whatIsWrong).find((problem) => problem !== undefined);
  if (wrong === undefined) return all as Definition[];
  throw refuse("PLUGIN-EXPORT", request, "its default export is no plugin", {
    expected: "a definition made by defineExplainer, defineMetric, …, or a list of them",
    got: wrong,
    next: "Write `export default defineExplainer({ … })`.",
  });
}

function whatIsWrong(value: unknown): string | undefined {
  if (value === undefined) return "no default export";
  if (typeof value !== "object" || value === null) return typeof value;
  const { kind, name, params, ...rest } = value as Partial<Definition> & Record<string, unknown>;
  if (kind === undefined || !PLUGIN_KINDS.includes(kind)) return "an object without the kind of a plugin";
  if (typeof name !== "string" || name === "") return `a ${kind} without a name`;
  if (typeof params !== "object") return `${kind}/${name} without a schema of its params`;
  return typeof rest[FUNCTIONS[kind]] === "function" ? undefined : `${kind}/${name} without its function \`${FUNCTIONS[kind]}\``;
}

function refuse(
  code: string,
  { name, place }: PluginRequest,
  what: string,
  more: { readonly expected?: string; readonly got?: string; readonly next?: string; readonly exit?: 2 | 3 } = {},
  cause?: unknown,
): AssayError {
  return new AssayError({ code, where: name, ...(place && { place }), what: place ? `plugin ${name}: ${what}` : what, ...more }, { cause });
}

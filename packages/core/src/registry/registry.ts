import { AssayError } from "../errors/error.js";
import type { Definition, PluginKind } from "../plugin/index.js";

/** A definition with where it came from. */
export interface RegisteredPlugin<D extends Definition = Definition> {
  /** `kind/name` */
  readonly id: string;
  readonly definition: D;
  /** package name or path, as the user knows it */
  readonly origin: string;
  /** URL that a worker thread imports to get the same definition */
  readonly module: string;
  /** hex SHA-256 of the code behind the definition */
  readonly codeDigest: string;
}

type DefinitionOf<K extends PluginKind> = Extract<Definition, { kind: K }>;

/** All plugins of a run, by `kind/name`. A name taken twice is an error that names both origins. */
export class Registry {
  readonly #plugins = new Map<string, RegisteredPlugin>();

  add(definition: Definition, origin: { readonly origin: string; readonly module: string; readonly codeDigest: string }): void {
    const id = `${definition.kind}/${definition.name}`;
    const taken = this.#plugins.get(id);
    if (taken) {
      throw new AssayError({
        code: "PLUGIN-DUPLICATE",
        where: id,
        what: `two plugins have this name: one from ${taken.origin}, one from ${origin.origin}`,
        next: "Rename one of them, or load only one of the two in `plugins`.",
      });
    }
    this.#plugins.set(id, { id, definition, ...origin });
  }

  get<K extends PluginKind>(kind: K, name: string): RegisteredPlugin<DefinitionOf<K>> | undefined {
    return this.find(`${kind}/${name}`) as RegisteredPlugin<DefinitionOf<K>> | undefined;
  }

  find(id: string): RegisteredPlugin | undefined {
    return this.#plugins.get(id);
  }

  list(kind?: PluginKind): RegisteredPlugin[] {
    return [...this.#plugins.values()].filter(({ definition }) => !kind || definition.kind === kind).sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}

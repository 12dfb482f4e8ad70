import { AssayError, didYouMean, type PluginKind, type RegisteredPlugin, type Registry } from "@assay/core";

/** A plugin by `kind/name`, or by its name alone (of one kind, if given). A mistyped name is an error that suggests the nearest one. */
export function findPlugin(registry: Registry, name: string, kind?: PluginKind): RegisteredPlugin {
  const exact = registry.find(name) ?? (kind && registry.find(`${kind}/${name}`));
  if (exact && (!kind || exact.definition.kind === kind)) return exact;
  const named = registry.list(kind).filter(({ definition }) => definition.name === name);
  if (named.length === 1) return named[0]!;
  const known = registry.list(kind).flatMap(({ id, definition }) => (name.includes("/") ? [id] : [definition.name]));
  throw new AssayError({
    code: "PLUGIN-UNKNOWN",
    where: name,
    what:
      named.length > 1 ? `several plugins have this name: ${named.map(({ id }) => id).join(", ")}` : `no ${kind ?? "plugin"} has this name`,
    next: named.length > 1 ? "Write kind/name." : `${didYouMean(name, known)} \`assay list\` shows them all.`.trim(),
  });
}

import { didYouMean } from "../errors/suggest.js";
import { PLUGIN_KINDS } from "../plugin/index.js";
import type { Registry, RegisteredPlugin } from "../registry/registry.js";
import type { AxisDeclaration, Named, NodeDeclaration, Use } from "./declarations.js";
import { mergeMaps } from "./located.js";
import type { Problems } from "./problems.js";

/** A plugin with the settings that a node, or one value of the node's axis of plugins, gives it. */
export interface Variant {
  /** value of the axis that chose the plugin; `undefined` for a node with one plugin */
  readonly value: string | undefined;
  readonly plugin: RegisteredPlugin;
  readonly use: Use;
}

/** The plugin of a reference; an unknown one is a problem with a suggestion. */
export function findPlugin(uses: Named, registry: Registry, problems: Problems): RegisteredPlugin | undefined {
  const plugin = registry.find(uses.name);
  if (plugin) return plugin;
  const [kind = ""] = uses.name.split("/");
  const known = registry.list().map(({ id }) => id);
  const ofKind = known.filter((id) => id.startsWith(`${kind}/`));
  problems.add({
    code: "SPEC-UNKNOWN-PLUGIN",
    what: `no plugin is called ${uses.name}`,
    ...(!uses.name.includes("/") && { expected: `kind/name with a kind of ${PLUGIN_KINDS.join(", ")}` }),
    next: ofKind.length > 0 ? didYouMean(uses.name, ofKind) : didYouMean(uses.name, known),
    place: uses.place,
  });
  return undefined;
}

/** The plugins of a node: one, or one for each value of its axis that names a known one. `undefined` where nothing can be said. */
export function variantsOf(
  node: NodeDeclaration,
  axes: ReadonlyMap<string, AxisDeclaration>,
  brokenAxis: (name: string) => boolean,
  registry: Registry,
  problems: Problems,
): readonly Variant[] | undefined {
  if (node.uses) {
    const plugin = findPlugin(node.uses, registry, problems);
    return plugin && [{ value: undefined, plugin, use: { ...node.settings, uses: node.uses } }];
  }
  const chosen = node.usesAxis!;
  const axis = axes.get(chosen.name);
  if (!axis) {
    if (brokenAxis(chosen.name)) return undefined;
    const next = didYouMean(chosen.name, axes.keys(), "Declared in `axes`");
    problems.add({ code: "SPEC-UNKNOWN-AXIS", what: `no axis is called ${chosen.name}`, next, place: chosen.place });
    return undefined;
  }
  const variants = axis.values.map(({ text, use }) => {
    const plugin = use && findPlugin(use.uses, registry, problems);
    return plugin && { value: text, plugin, use: overNode(use, node.settings) };
  });
  if (axis.values.some(({ use }) => !use)) {
    problems.add({
      code: "SPEC-TYPE",
      what: `the axis ${axis.name} names no plugins`,
      expected: "a map of `{ uses: … }`",
      got: "a list of values",
      place: chosen.place,
    });
    return undefined;
  }
  if (!node.over.some(({ name }) => name === axis.name)) {
    const over = [...node.over.map(({ name }) => name), axis.name].join(", ");
    problems.add({
      code: "SPEC-AXIS-NOT-CONSUMED",
      what: `${node.name} takes its plugin from the axis ${axis.name}, but does not run over it`,
      next: `Write over: [${over}].`,
      place: chosen.place,
    });
    return undefined;
  }
  const sure = variants.filter((variant) => variant !== undefined);
  const kinds = [
    ...new Set(
      sure.map(({ plugin: { definition } }) => (definition.kind === "randomizer" ? `randomizer of ${definition.on}` : definition.kind)),
    ),
  ];
  if (kinds.length > 1) {
    problems.add({
      code: "SPEC-PORT-TYPE",
      what: `the axis ${axis.name} mixes kinds of plugins`,
      expected: kinds[0]!,
      got: kinds[1]!,
      place: axis.place,
    });
    return undefined;
  }
  return sure.length > 0 ? sure : undefined;
}

/** The axis value speaks last; `with` merges. */
function overNode(use: Use, settings: Omit<Use, "uses">): Use {
  const merged = mergeMaps(settings.with, use.with);
  return { ...settings, ...use, ...(merged && { with: merged }) };
}

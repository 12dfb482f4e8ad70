import path from "node:path";
import { stringify } from "yaml";
import { itemsAt, mapScalars, textOf, toPlain, type Located } from "./located.js";
import type { ParsedSpec } from "./parse.js";

/**
 * The spec as it runs: one file, parameters filled in, paths absolute. Reading it again gives the same plan, from any folder.
 * `${axis.y}` stays, since every instance fills it differently.
 */
export function resolvedSpec({ root, question, file }: ParsedSpec, paths: ReadonlyMap<Located, string>): string {
  const absolute = (node: Located) =>
    mapScalars(node, (scalar) => (paths.has(scalar) ? { kind: "scalar", value: paths.get(scalar)!, place: scalar.place } : scalar));
  const spec: Record<string, unknown> = {};
  for (const [name, { value }] of root.entries) {
    if (name === "params" || name === "env" || name === "include" || name === "presets") continue;
    spec[name] = toPlain(absolute(value), name === "axes" || name === "nodes");
  }
  const plugins = itemsAt(root, "plugins").map(textOf);
  if (plugins.length > 0) {
    spec["plugins"] = plugins.flatMap((each) => (each ? [fromFolder(each.text, each.place.file || file)] : []));
  }
  const comment = question ? `# ${question}\n` : "";
  return comment + stringify(spec, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** A package keeps its name; a path is taken from the folder of the file that names it. */
const fromFolder = (name: string, file: string): string => (/^\.{0,2}\//.test(name) ? path.resolve(path.dirname(file), name) : name);

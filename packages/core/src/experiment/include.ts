import path from "node:path";
import { child, textOf, type Entry, type Located, type LocatedMap } from "./located.js";
import type { Problems } from "./problems.js";
import { readYaml } from "./read-yaml.js";

export type ReadFile = (file: string) => string;

/**
 * Reads a file with everything that it includes, nearest last: maps merge deep, lists and scalars replace. A node that two files
 * define is an error, unless the later one says `override: true` (it is then merged like any map). A file reached twice counts once.
 */
export function readWithIncludes(
  text: string,
  file: string,
  readFile: ReadFile,
  problems: Problems,
  around: readonly string[] = [],
): LocatedMap | undefined {
  const own = readYaml(text, file, problems);
  if (!own) return undefined;
  const here = path.resolve(file);
  let merged: LocatedMap | undefined;
  for (const name of includesOf(own)) {
    const target = textOf(name);
    if (!target) continue;
    const resolved = path.resolve(path.dirname(here), target.text);
    if (resolved === here || around.includes(resolved)) {
      const loop = [...around, here, resolved].map((each) => path.basename(each)).join(" → ");
      problems.add({ code: "SPEC-INCLUDE-CYCLE", what: `the files include each other: ${loop}`, place: target.place });
      continue;
    }
    let content: string;
    try {
      content = readFile(resolved);
    } catch {
      problems.add({
        code: "SPEC-MISSING-FILE",
        what: "the included file cannot be read",
        got: target.text,
        next: `Looked at ${resolved}.`,
        place: target.place,
      });
      continue;
    }
    const shown = path.isAbsolute(target.text) ? target.text : path.join(path.dirname(file), target.text);
    const included = readWithIncludes(content, shown, readFile, problems, [...around, here]);
    if (included) merged = merged ? mergeFiles(merged, included, problems) : included;
  }
  const rest: LocatedMap = { ...own, entries: new Map([...own.entries].filter(([key]) => key !== "include" || !wellFormed(own))) };
  return merged ? mergeFiles(merged, rest, problems) : rest;
}

function includesOf(root: LocatedMap): readonly Located[] {
  const include = child(root, "include");
  return include?.kind === "list" ? include.items : include ? [include] : [];
}

/** A malformed `include` stays in the tree, where the check of the structure finds it. */
const wellFormed = (root: LocatedMap): boolean => includesOf(root).every((item) => textOf(item) !== undefined);

function mergeFiles(base: LocatedMap, over: LocatedMap, problems: Problems, trail: readonly string[] = []): LocatedMap {
  const entries = new Map<string, Entry>(base.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key);
    if (below && trail.length === 1 && trail[0] === "nodes") checkOverride(key, below, entry, problems);
    const value =
      below?.value.kind === "map" && entry.value.kind === "map"
        ? mergeFiles(below.value, entry.value, problems, [...trail, key])
        : entry.value;
    entries.set(key, { key: entry.key, value });
  }
  return { kind: "map", entries, place: over.place };
}

function checkOverride(name: string, below: Entry, entry: Entry, problems: Problems): void {
  const override = child(entry.value, "override");
  const same = below.key.line === entry.key.line && path.resolve(below.key.file) === path.resolve(entry.key.file);
  if (same || (override?.kind === "scalar" && override.value === true)) return;
  problems.add({
    code: "SPEC-DUPLICATE-NODE",
    what: `the node ${name} is already defined at ${below.key.file}:${below.key.line}:${below.key.column}`,
    next: "Rename one of them, or say `override: true` in this one.",
    place: entry.key,
  });
}

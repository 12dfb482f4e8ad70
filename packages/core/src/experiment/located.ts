import type { Place } from "../errors/error.js";

export type Scalar = string | number | boolean | null;

/** A piece of a scalar that waits for the axes of an instance. */
export type Part = string | { readonly axis: string };

export interface LocatedScalar {
  readonly kind: "scalar";
  readonly value: Scalar;
  readonly place: Place;
}
/** A scalar that names an axis: known only for one instance. */
export interface LocatedTemplate {
  readonly kind: "template";
  readonly parts: readonly Part[];
  readonly place: Place;
}
/** A scalar that was complained about: nothing that follows from it is complained about again. */
export interface LocatedBroken {
  readonly kind: "broken";
  readonly place: Place;
}
export interface LocatedList {
  readonly kind: "list";
  readonly items: readonly Located[];
  readonly place: Place;
}
export interface Entry {
  readonly key: Place;
  readonly value: Located;
}
export interface LocatedMap {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, Entry>;
  readonly place: Place;
}
/** YAML data in which every value and every key knows the file, line and column it came from, through includes and substitution. */
export type Located = LocatedScalar | LocatedTemplate | LocatedBroken | LocatedList | LocatedMap;

export const child = (node: Located | undefined, key: string): Located | undefined =>
  node?.kind === "map" ? node.entries.get(key)?.value : undefined;

export const mapAt = (node: Located | undefined, key: string): LocatedMap | undefined => {
  const found = child(node, key);
  return found?.kind === "map" ? found : undefined;
};

/** The scalar under a key, if it is text. */
export const textAt = (node: Located | undefined, key: string): { readonly text: string; readonly place: Place } | undefined =>
  textOf(child(node, key));

export const textOf = (node: Located | undefined): { readonly text: string; readonly place: Place } | undefined =>
  node?.kind === "scalar" && typeof node.value === "string" ? { text: node.value, place: node.place } : undefined;

export const itemsAt = (node: Located | undefined, key: string): readonly Located[] => {
  const found = child(node, key);
  return found?.kind === "list" ? found.items : [];
};

const writeParts = (parts: readonly Part[]): string =>
  parts.map((part) => (typeof part === "string" ? escapeText(part) : `\${axis.${part.axis}}`)).join("");

/** `${` in finished text, written so that reading it again gives the same text. */
export const escapeText = (text: string): string => text.replaceAll("${", () => "$${");

/** Plain data. Templates become their text. `escape` writes text back for another reading. */
export function toPlain(node: Located, escape = false): unknown {
  switch (node.kind) {
    case "scalar":
      return escape && typeof node.value === "string" ? escapeText(node.value) : node.value;
    case "template":
      return writeParts(node.parts);
    case "broken":
      return null;
    case "list":
      return node.items.map((item) => toPlain(item, escape));
    case "map":
      return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, toPlain(value, escape)]));
  }
}

/** Data without a text of its own (a parameter's value, a preset), placed where it was asked for. */
export function fromPlain(value: unknown, place: Place): Located {
  if (Array.isArray(value)) return { kind: "list", items: value.map((item: unknown) => fromPlain(item, place)), place };
  if (typeof value === "object" && value !== null) {
    return {
      kind: "map",
      entries: new Map(Object.entries(value).map(([key, item]) => [key, { key: place, value: fromPlain(item, place) }])),
      place,
    };
  }
  return { kind: "scalar", value: value as Scalar, place };
}

/** The same tree with every scalar passed through `change`. */
export function mapScalars(node: Located, change: (scalar: LocatedScalar | LocatedTemplate) => Located): Located {
  switch (node.kind) {
    case "scalar":
    case "template":
      return change(node);
    case "broken":
      return node;
    case "list":
      return { ...node, items: node.items.map((item) => mapScalars(item, change)) };
    case "map":
      return {
        ...node,
        entries: new Map([...node.entries].map(([key, { key: at, value }]) => [key, { key: at, value: mapScalars(value, change) }])),
      };
  }
}

export const some = (node: Located, holds: (leaf: Located) => boolean): boolean =>
  node.kind === "list"
    ? node.items.some((item) => some(item, holds))
    : node.kind === "map"
      ? [...node.entries.values()].some(({ value }) => some(value, holds))
      : holds(node);

/** Over laid on base: maps merge deep, anything else replaces. */
export function mergeMaps(base: LocatedMap | undefined, over: LocatedMap | undefined): LocatedMap | undefined {
  if (!base || !over) return over ?? base;
  const entries = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key)?.value;
    const merged = below?.kind === "map" && entry.value.kind === "map" ? mergeMaps(below, entry.value)! : entry.value;
    entries.set(key, { key: entry.key, value: merged });
  }
  return { kind: "map", entries, place: over.place };
}

/** The deepest value on a path that exists, the place of its key, and whether the path was walked to its end. */
export function walk(root: Located, path: readonly string[]): { readonly node: Located; readonly key?: Place; readonly whole: boolean } {
  let node = root;
  let key: Place | undefined;
  for (const step of path) {
    const entry = node.kind === "map" ? node.entries.get(step) : undefined;
    const next = entry?.value ?? (node.kind === "list" ? node.items[Number(step)] : undefined);
    if (!next) return { node, ...(key && { key }), whole: false };
    [node, key] = [next, entry?.key ?? next.place];
  }
  return { node, ...(key && { key }), whole: true };
}

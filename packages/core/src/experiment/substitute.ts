import type { Place } from "../errors/error.js";
import { didYouMean } from "../errors/suggest.js";
import { fromPlain, mapScalars, type Located, type LocatedMap, type LocatedTemplate, type Part, type Scalar } from "./located.js";
import type { ParamValues } from "./params.js";
import type { Problems } from "./problems.js";
import { shown } from "./schema-errors.js";

export interface Scope {
  readonly params: ParamValues;
  /** names that the spec declares in `env:` */
  readonly declaredEnv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

const REFERENCE = /\$\$\{|\$\{([^}]*)\}?/g;

/** Fills `${params.x}` and `${env.Z}` into `with` and `axes`, the only two places for them; `${axis.y}` waits for an instance. Presets are past. */
export function substituteSpec(root: LocatedMap, scope: Scope, problems: Problems): LocatedMap {
  const fill = (node: Located): Located =>
    mapScalars(node, (scalar) => (scalar.kind === "scalar" ? fillScalar(scalar.value, scalar.place, scope, problems) : scalar));
  const entries = new Map(root.entries);
  for (const [name, { key, value }] of root.entries) {
    if (name === "axes") entries.set(name, { key, value: fill(value) });
    else if (name === "nodes" && value.kind === "map") entries.set(name, { key, value: fillNodes(value, fill, problems) });
    else if (name !== "params" && name !== "presets") entries.set(name, { key, value: forbid(value, problems) });
  }
  return { ...root, entries };
}

function fillNodes(nodes: LocatedMap, fill: (node: Located) => Located, problems: Problems): LocatedMap {
  const entries = new Map(nodes.entries);
  for (const [name, { key, value: node }] of nodes.entries) {
    if (node.kind !== "map") continue;
    const words = new Map(node.entries);
    for (const [word, entry] of node.entries) {
      words.set(word, { key: entry.key, value: word === "with" ? fill(entry.value) : forbid(entry.value, problems) });
    }
    entries.set(name, { key, value: { ...node, entries: words } });
  }
  return { ...nodes, entries };
}

function forbid(node: Located, problems: Problems): Located {
  return mapScalars(node, (scalar) => {
    if (scalar.kind === "scalar" && typeof scalar.value === "string" && scalar.value.includes("${")) {
      problems.add({
        code: "SPEC-UNRESOLVED",
        what: "`${…}` is filled in `with` and in `axes` only",
        got: scalar.value,
        place: scalar.place,
      });
      return { kind: "broken", place: scalar.place };
    }
    return scalar;
  });
}

function fillScalar(value: Scalar, place: Place, scope: Scope, problems: Problems): Located {
  if (typeof value !== "string" || !value.includes("${")) return { kind: "scalar", value, place };
  const parts: Part[] = [];
  let end = 0;
  for (const match of value.matchAll(REFERENCE)) {
    parts.push(value.slice(end, match.index));
    end = match.index + match[0].length;
    if (match[0] === "$${") {
      parts.push("${");
      continue;
    }
    if (!match[0].endsWith("}")) {
      problems.add({ code: "SPEC-UNRESOLVED", what: "a `${` is not closed", got: value, next: "Write $${ for the text itself.", place });
      return { kind: "broken", place };
    }
    const found = resolve(match[0], (match[1] ?? "").trim(), place, scope, problems);
    if (!found) return { kind: "broken", place };
    if ("axis" in found) parts.push(found);
    else if (match[0].length === value.length) return fromPlain(found.value, place);
    else if (typeof found.value === "object" && found.value !== null) {
      problems.add({ code: "SPEC-TYPE", what: `${match[0]} stands within a text`, expected: "one value", got: shown(found.value), place });
      return { kind: "broken", place };
    } else parts.push(String(found.value));
  }
  parts.push(value.slice(end));
  const kept = parts.filter((part) => part !== "");
  if (kept.every((part) => typeof part === "string")) return { kind: "scalar", value: kept.join(""), place };
  return { kind: "template", parts: kept, place };
}

function resolve(
  written: string,
  name: string,
  place: Place,
  scope: Scope,
  problems: Problems,
): { value: unknown } | { axis: string } | undefined {
  const [, kind, key = ""] = /^(params|axis|env)\.([A-Za-z_][\w-]*)$/.exec(name) ?? [];
  if (kind === "axis") return { axis: key };
  if (kind === "params") {
    if (scope.params.values.has(key)) return { value: scope.params.values.get(key) };
    if (!scope.params.declared.includes(key)) {
      const next = didYouMean(key, scope.params.declared, "Declared in `params`");
      problems.add({ code: "SPEC-UNKNOWN-PARAM", what: `the experiment has no parameter ${key}`, next, place });
    }
    return undefined;
  }
  if (kind === "env") {
    const value = scope.env[key];
    if (value !== undefined && scope.declaredEnv.includes(key)) return { value };
    problems.add(
      scope.declaredEnv.includes(key)
        ? { code: "SPEC-UNRESOLVED", what: `the environment variable ${key} is not set`, place }
        : { code: "SPEC-UNRESOLVED", what: `the environment variable ${key} is not declared`, next: `Add it: env: [${key}].`, place },
    );
    return undefined;
  }
  problems.add({ code: "SPEC-UNRESOLVED", what: `${written} names nothing`, expected: "params.NAME, axis.NAME or env.NAME", place });
  return undefined;
}

/** The axes that a tree waits for. */
export function axesNamed(node: Located): ReadonlyMap<string, LocatedTemplate> {
  const named = new Map<string, LocatedTemplate>();
  mapScalars(node, (scalar) => {
    if (scalar.kind === "template") for (const part of scalar.parts) if (typeof part !== "string") named.set(part.axis, scalar);
    return scalar;
  });
  return named;
}

/** Fills `${axis.y}` for one instance; a whole scalar keeps the type that the axis gives it. */
export function fillAxes(node: LocatedMap, axes: Readonly<Record<string, Scalar>>): LocatedMap {
  const filled = mapScalars(node, (scalar) => {
    if (scalar.kind === "scalar") return scalar;
    const [first] = scalar.parts;
    const whole = scalar.parts.length === 1 && typeof first === "object";
    const text = () => scalar.parts.map((part) => (typeof part === "string" ? part : String(axes[part.axis]))).join("");
    return { kind: "scalar", value: whole ? (axes[first.axis] ?? null) : text(), place: scalar.place };
  });
  return filled as LocatedMap;
}

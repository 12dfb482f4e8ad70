import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

type Exports = string | { readonly [condition: string]: Exports };

interface Manifest {
  readonly name?: string;
  readonly exports?: Exports;
}

/**
 * The built file behind a package name, as the first of `bases` (files) would import it; core's own packages come last.
 * Conditions given to this process do not count: what is found must load in a worker thread too, which has none.
 */
export function resolvePackage(name: string, bases: readonly string[]): string | undefined {
  const [, own = name, rest = ""] = /^((?:@[^/]+\/)?[^/]+)(.*)$/.exec(name) ?? [];
  for (const base of [...bases, fileURLToPath(import.meta.url)]) {
    const root = findRoot(own, dirname(base));
    if (root === undefined) continue;
    const { exports } = manifest(root);
    const target = exports === undefined ? undefined : entryOf(exports, rest);
    if (target !== undefined) return realpathSync(join(root, target));
    if (exports !== undefined) continue;
    try {
      return realpathSync(createRequire(join(root, "package.json")).resolve(join(root, rest)));
    } catch {
      continue;
    }
  }
  return undefined;
}

const manifest = (root: string): Manifest => JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;

/** The folder of a package: the one we are in, or the nearest in `node_modules`. */
function findRoot(name: string, folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, "package.json")) && manifest(at).name === name) return at;
    const root = join(at, "node_modules", name);
    if (existsSync(join(root, "package.json"))) return root;
    if (dirname(at) === at) return undefined;
  }
}

function entryOf(exports: Exports, rest: string): string | undefined {
  if (typeof exports === "string") return rest ? undefined : exports;
  const bySubpath = Object.keys(exports).some((key) => key.startsWith("."));
  const entry = bySubpath ? exports[`.${rest}`] : rest ? undefined : exports;
  return entry === undefined ? undefined : byCondition(entry);
}

function byCondition(entry: Exports): string | undefined {
  if (typeof entry === "string") return entry;
  for (const [condition, target] of Object.entries(entry)) {
    const found = ["import", "node", "default"].includes(condition) ? byCondition(target) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "../errors/error.js";
import type { ModelFacts } from "../plugin/index.js";
import type { RegisteredPlugin, Registry } from "../registry/registry.js";
import { fromPlain, type LocatedMap } from "./located.js";
import { Problems } from "./problems.js";
import { checkParams, type CheckedParams } from "./validate-params.js";

interface Given {
  readonly registry: Registry;
  /** what the user calls the place, such as `--with` */
  readonly where: string;
  /** the folder that paths are relative to */
  readonly folder: string;
  /** the model that layer names are looked up in */
  readonly model?: ModelFacts;
}

/** Parameters that come from a command line instead of a spec, checked by the same rules. Throws `AssayErrors` with every fault. */
export function checkGivenParams(
  plugin: RegisteredPlugin,
  given: Readonly<Record<string, unknown>>,
  { registry, where, folder, model }: Given,
): CheckedParams {
  const problems = new Problems();
  const place: Place = { file: join(folder, where), line: 1, column: 1 };
  const checked = checkParams(
    { plugin, with: fromPlain(given, place) as LocatedMap, place, ...(model && { model }) },
    { registry, problems, exists: existsSync, contentOf: () => "", paths: new Map() },
  );
  problems.throwIfAny();
  return checked!;
}

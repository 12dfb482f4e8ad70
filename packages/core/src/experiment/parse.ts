import { AssayErrors, type AssayError, type Place } from "../errors/error.js";
import { checker } from "./ajv.js";
import { readWithIncludes, type ReadFile } from "./include.js";
import { itemsAt, mapAt, textAt, textOf, toPlain, type LocatedMap } from "./located.js";
import { readParams } from "./params.js";
import { withPreset } from "./preset.js";
import { Problems } from "./problems.js";
import { questionOf } from "./read-yaml.js";
import { reportSchemaErrors } from "./schema-errors.js";
import { STRUCTURE } from "./structure-schema.js";
import { substituteSpec } from "./substitute.js";

export interface ParseOptions {
  /** text of an included file, by absolute path; throws where there is none */
  readonly readFile: ReadFile;
  /** `--set name=value` */
  readonly set?: Readonly<Record<string, string>>;
  /** `--preset name` */
  readonly preset?: string;
  /** what `${env.NAME}` may see */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** One entry of `plugins:`, to be loaded before the experiment is planned; relative to the folder of `place.file`. */
export interface PluginReference {
  readonly name: string;
  readonly place: Place;
}

/** A spec that is read, merged and filled in, but not yet held against its plugins. */
export interface ParsedSpec {
  /** as it was given */
  readonly file: string;
  readonly name: string;
  readonly question: string;
  readonly seed: number | string;
  readonly backend?: "auto" | "onnxruntime" | "tensorflow" | "wasm";
  /** absent where the spec has no `plugins:` */
  readonly plugins?: readonly PluginReference[];
  /** the one that was asked for */
  readonly preset?: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly track?: { readonly experiment?: string; readonly uri?: string };
  readonly store?: { readonly maxBytes?: number };
  readonly root: LocatedMap;
  /** faults found so far; `planExperiment` throws them together with its own */
  readonly problems: readonly AssayError[];
  /** `nodes/x` and `axes/y` whose structure is wrong, so that nothing more is said of them */
  readonly broken: ReadonlySet<string>;
}

/**
 * Reads a spec: YAML, includes, preset, params, `${…}`, structure. Throws `AssayErrors` only where the text cannot be read at all; other faults
 * are kept in `problems`, so that plugins can be loaded and every fault is reported at once by `planExperiment`.
 */
export function parseSpec(text: string, file: string, { readFile, set = {}, preset, env = {} }: ParseOptions): ParsedSpec {
  const problems = new Problems();
  const whole = readWithIncludes(text, file, readFile, problems);
  if (!whole) throw new AssayErrors(problems.list);
  const merged = withPreset(whole, preset, problems);
  const params = readParams(merged, set, problems);
  const declaredEnv = itemsAt(merged, "env").flatMap((item) => textOf(item)?.text ?? []);
  const root = substituteSpec(merged, { params, declaredEnv, env }, problems);
  const broken = checkStructure(root, text, file, problems);
  const plain = toPlain(root) as Partial<ParsedSpec>;
  const plugins = itemsAt(root, "plugins").flatMap((item) => {
    const name = textOf(item);
    return name ? [{ name: name.text, place: name.place }] : [];
  });
  return {
    file,
    name: textAt(root, "name")?.text ?? "",
    question: questionOf(text),
    seed: plain.seed ?? 0,
    ...(plain.backend !== undefined && { backend: plain.backend }),
    ...(root.entries.has("plugins") && { plugins }),
    ...(preset !== undefined && { preset }),
    params: Object.fromEntries(params.values),
    ...(mapAt(root, "track") && { track: plain.track! }),
    ...(mapAt(root, "store") && { store: plain.store! }),
    root,
    problems: problems.list,
    broken,
  };
}

function checkStructure(root: LocatedMap, text: string, file: string, problems: Problems): Set<string> {
  const validate = checker(STRUCTURE);
  if (validate(toPlain(root))) return new Set();
  const place: Place = { file, line: 1, column: 1, source: text.split("\n")[0]!.replace(/\r$/, "") };
  const paths = reportSchemaErrors(validate.errors ?? [], { root, place, noun: "key" }, problems);
  return new Set(paths.map((path) => path.slice(0, 2).join("/")));
}

import path from "node:path";
import type { Place } from "../errors/error.js";
import { didYouMean } from "../errors/suggest.js";
import type { ModelFacts } from "../plugin/index.js";
import type { RegisteredPlugin, Registry } from "../registry/registry.js";
import { checker } from "./ajv.js";
import type { Named } from "./declarations.js";
import { child, fromPlain, mergeMaps, some, textAt, textOf, toPlain, walk, type Located, type LocatedMap } from "./located.js";
import type { ContentOf } from "./keys.js";
import type { InnerExplainer } from "./plan-types.js";
import { Problems } from "./problems.js";
import { reportSchemaErrors } from "./schema-errors.js";
import { formatOf, innerParams, schemaToCheck, type ParamSchema } from "./param-schema.js";
import { findPlugin } from "./uses.js";

export interface Checking {
  readonly registry: Registry;
  readonly problems: Problems;
  readonly exists: (file: string) => boolean;
  /** what a path contributes to a key */
  readonly contentOf: ContentOf;
  /** absolute paths found for `path(…)` parameters, by the scalar that names them */
  readonly paths: Map<Located, string>;
}

/** What is asked of one plugin at one place. */
export interface ParamRequest {
  readonly plugin: RegisteredPlugin;
  readonly with?: LocatedMap;
  readonly preset?: Named;
  /** where the plugin is named */
  readonly place: Place;
  /** the model that layer names are looked up in, where it is known */
  readonly model?: ModelFacts;
}

export interface CheckedParams {
  readonly params: Readonly<Record<string, unknown>>;
  readonly inner?: InnerExplainer;
}

/** The parameters of a plugin as it will see them: preset, then `with`, then defaults; paths absolute. `undefined` after a problem. */
export function checkParams(request: ParamRequest, checking: Checking): CheckedParams | undefined {
  const problems = new Problems();
  const checked = check(request, { ...checking, problems });
  for (const problem of problems.list) checking.problems.add(problem);
  return problems.size > 0 ? undefined : checked;
}

function check(request: ParamRequest, checking: Checking): CheckedParams | undefined {
  const { plugin, place, model } = request;
  const { problems } = checking;
  const { definition } = plugin;
  const schema = definition.params as ParamSchema;
  if (model && definition.kind === "explainer" && definition.needs === "convolution" && model.convolution === undefined) {
    problems.add({
      code: "SPEC-NEEDS-CONVOLUTION",
      what: `${plugin.id} needs a convolutional layer and the model has none`,
      next: "Leave it out, or choose another model.",
      place,
    });
  }
  const located = mergeMaps(presetOf(request, problems), request.with) ?? emptyMap(place);
  if (some(located, ({ kind }) => kind === "broken")) return undefined;
  const params = toPlain(located) as Record<string, unknown>;
  const validate = checker(schemaToCheck(schema));
  if (!validate(params)) {
    reportSchemaErrors(validate.errors ?? [], { root: located, place, noun: `parameter of ${plugin.id}` }, problems);
    return undefined;
  }
  visit(schema, params, (value, format, set, at) => {
    const node = walk(located, at).node;
    if (format === "assay-path") set(resolvePath(value, node, checking));
    if (format === "assay-layer" && model) checkLayer(value, set.schema.spatial === true, model, node.place, problems);
  });
  const inner = innerOf(schema, params, located, request, checking);
  return { params, ...(inner && { inner }) };
}

const emptyMap = (place: Place): LocatedMap => ({ kind: "map", entries: new Map(), place });

function presetOf({ plugin, preset }: ParamRequest, problems: Problems): LocatedMap | undefined {
  if (!preset) return undefined;
  const presets = plugin.definition.presets ?? {};
  const values = presets[preset.name];
  if (values) return fromPlain(values, preset.place) as LocatedMap;
  const next = didYouMean(preset.name, Object.keys(presets), "Its presets");
  problems.add({ code: "SPEC-UNKNOWN-PRESET", what: `${plugin.id} has no preset ${preset.name}`, next, place: preset.place });
  return undefined;
}

type Setter = ((value: string) => void) & { readonly schema: ParamSchema };

/** Calls `see` for each text in `value` whose schema has a format. */
function visit(
  schema: ParamSchema,
  value: unknown,
  see: (text: string, format: string, set: Setter, at: string[]) => void,
  at: string[] = [],
): void {
  const inside = (key: string, sub: ParamSchema, holder: Record<string, unknown>) => {
    const item = holder[key];
    const set = Object.assign((text: string) => void (holder[key] = text), { schema: sub });
    const format = formatOf(sub);
    if (typeof item === "string" && format !== undefined) see(item, format, set, [...at, key]);
    else visit(sub, item, see, [...at, key]);
  };
  if (typeof value !== "object" || value === null) return;
  const holder = value as Record<string, unknown>;
  for (const [key, sub] of Object.entries(schema.properties ?? {})) inside(key, sub, holder);
  if (Array.isArray(value) && schema.items) for (const index of value.keys()) inside(String(index), schema.items, holder);
}

function resolvePath(value: string, node: Located, { exists, paths, problems }: Checking): string {
  const file = path.resolve(path.dirname(node.place.file), value);
  if (node.kind === "scalar") paths.set(node, file);
  if (!exists(file)) {
    problems.add({
      code: "SPEC-MISSING-FILE",
      what: "there is no such file or folder",
      got: value,
      next: `Looked at ${file}.`,
      place: node.place,
    });
  }
  return file;
}

function checkLayer(name: string, spatial: boolean, model: ModelFacts, place: Place, problems: Problems): void {
  const layer = model.layers.find((each) => each.name === name);
  if (!layer) {
    const names = model.layers.filter(({ shape }) => !spatial || shape.length === 3).map((each) => each.name);
    problems.add({
      code: "SPEC-UNKNOWN-LAYER",
      what: `the model has no layer ${name}`,
      next: didYouMean(name, names, "Its layers"),
      place,
    });
  } else if (spatial && layer.shape.length !== 3) {
    problems.add({
      code: "SPEC-LAYER-SHAPE",
      what: `the layer ${name} has no height and width`,
      expected: "an output [h, w, c]",
      got: `[${layer.shape.join(", ")}]`,
      place,
    });
  }
}

/** The explainer within an explainer; its parameter then holds the full name and the checked parameters. */
function innerOf(
  schema: ParamSchema,
  params: Record<string, unknown>,
  located: LocatedMap,
  request: ParamRequest,
  checking: Checking,
): InnerExplainer | undefined {
  let found: InnerExplainer | undefined;
  for (const name of innerParams(schema)) {
    const node = child(located, name);
    const uses = textOf(node) ?? textAt(node, "uses");
    if (!node || !uses) continue;
    const id = uses.text.includes("/") ? uses.text : `explainer/${uses.text}`;
    const plugin = findPlugin({ name: id, place: uses.place }, checking.registry, checking.problems);
    if (!plugin) continue;
    if (plugin.definition.kind !== "explainer") {
      checking.problems.add({ code: "SPEC-PORT-TYPE", what: `${name} takes an explainer`, got: id, place: uses.place });
      continue;
    }
    const own = child(node, "with");
    const model = request.model && { model: request.model };
    const checked = checkParams({ plugin, place: uses.place, ...(own?.kind === "map" && { with: own }), ...model }, checking);
    if (!checked) continue;
    params[name] = { uses: id, with: checked.params };
    found = { plugin, ...checked };
  }
  return found;
}

import { parse } from "yaml";
import type { Place } from "../errors/error.js";
import { didYouMean } from "../errors/suggest.js";
import { checker } from "./ajv.js";
import { child, fromPlain, mapAt, toPlain, type LocatedMap } from "./located.js";
import type { Problems } from "./problems.js";
import { reportSchemaErrors } from "./schema-errors.js";

export interface ParamValues {
  readonly declared: readonly string[];
  /** a parameter whose value is wrong is declared, but not here */
  readonly values: ReadonlyMap<string, unknown>;
}

/** The parameters of a spec: its defaults, overridden by `--set`, each checked by its own declaration. */
export function readParams(root: LocatedMap, set: Readonly<Record<string, string>>, problems: Problems): ParamValues {
  const section = mapAt(root, "params");
  const declared = [...(section?.entries.keys() ?? [])];
  for (const name of Object.keys(set)) {
    if (declared.includes(name)) continue;
    problems.add({
      code: "SPEC-UNKNOWN-PARAM",
      where: `--set ${name}`,
      what: `the experiment has no parameter ${name}`,
      next: didYouMean(name, declared, "Its parameters"),
    });
  }
  const values = new Map<string, unknown>();
  for (const [name, { key, value: declaration }] of section?.entries ?? []) {
    if (declaration.kind !== "map") continue;
    const value = valueOf(name, key, declaration, set[name], problems);
    if (value !== undefined) values.set(name, value);
  }
  return { declared, values };
}

/** `undefined` where there is no right value: then the reason is in `problems`, or the check of the structure finds it. */
function valueOf(name: string, key: Place, declaration: LocatedMap, set: string | undefined, problems: Problems): unknown {
  const { default: fallback, ...schema } = toPlain(declaration) as Record<string, unknown>;
  if (set === undefined && fallback === undefined) {
    problems.add({ code: "SPEC-MISSING-PARAM", what: `the parameter ${name} has no value`, next: `Give one: --set ${name}=…`, place: key });
    return undefined;
  }
  const value = set === undefined ? fallback : parseSet(name, set, schema["type"] === "string", problems);
  if (value === undefined) return undefined;
  let validate;
  try {
    validate = checker({ type: "object", properties: { [name]: schema } });
  } catch {
    return undefined;
  }
  if (validate({ [name]: value })) return value;
  if (set === undefined) {
    const located = child(declaration, "default")!;
    const subject = { kind: "map", entries: new Map([[name, { key: located.place, value: located }]]), place: key } as const;
    reportSchemaErrors(validate.errors ?? [], { root: subject, place: key, noun: "key" }, problems);
    return undefined;
  }
  const place = { file: `--set ${name}=${set}`, line: 1, column: 1 };
  const subject = fromPlain({ [name]: value }, place);
  reportSchemaErrors(validate.errors ?? [], { root: subject, place, noun: "key" }, problems);
  return undefined;
}

function parseSet(name: string, text: string, literal: boolean, problems: Problems): unknown {
  if (literal) return text;
  try {
    return parse(text, { version: "1.2" }) as unknown;
  } catch {
    problems.add({ code: "SPEC-YAML", where: `--set ${name}`, what: "the value is not YAML", got: JSON.stringify(text) });
    return undefined;
  }
}

import type { ErrorObject } from "ajv";
import type { ErrorFacts, Place } from "../errors/error.js";
import { didYouMean } from "../errors/suggest.js";
import { walk, type Located } from "./located.js";
import type { Problems } from "./problems.js";

const TYPES: Readonly<Record<string, string>> = {
  integer: "an integer",
  number: "a number",
  string: "text",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  null: "nothing",
};

const article = (types: string | readonly string[]): string =>
  [types]
    .flat()
    .map((type) => TYPES[type] ?? type)
    .join(" or ");

/** A value as an error names it. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a map";
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

export interface SchemaSubject {
  /** the data that was checked, with its places */
  readonly root: Located;
  /** where `root` was asked for, when nothing nearer is known */
  readonly place: Place;
  /** `parameter of explainer/smoothgrad`, `key` */
  readonly noun: string;
}

/** Turns ajv's errors into problems at their places; returns the paths complained about. */
export function reportSchemaErrors(errors: readonly ErrorObject[], subject: SchemaSubject, problems: Problems): string[][] {
  const alternatives = errors.filter(({ keyword }) => keyword === "anyOf" || keyword === "oneOf").map(({ schemaPath }) => `${schemaPath}/`);
  const paths: string[][] = [];
  for (const error of errors) {
    if (error.keyword === "if" || error.keyword === "propertyNames") continue;
    if (alternatives.some((prefix) => error.schemaPath.startsWith(prefix))) continue;
    const path = error.instancePath
      .split("/")
      .slice(1)
      .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
    const added = addedKey(error);
    const { node, key, whole } = walk(subject.root, path);
    paths.push(added === undefined ? path : [...path, added]);
    if (node.kind === "broken") continue;
    const own = whole ? node.place : undefined;
    const entry = added === undefined ? undefined : walk(node, [added]);
    const place =
      error.keyword === "required" ? (key ?? subject.place) : ((entry?.whole ? entry.key : undefined) ?? own ?? key ?? subject.place);
    problems.add({ ...wording(error, subject.noun, path), place });
  }
  return paths;
}

const addedKey = ({ keyword, params, propertyName }: ErrorObject): string | undefined =>
  keyword === "additionalProperties" ? (params as { additionalProperty: string }).additionalProperty : propertyName;

function wording(error: ErrorObject, noun: string, path: readonly string[]): ErrorFacts {
  const params = error.params as Record<string, unknown>;
  const data: unknown = error.data;
  const name = path.at(-1);
  const subject = name === undefined ? "the value" : /^\d+$/.test(name) ? `item ${name} of ${path.at(-2) ?? "the list"}` : name;
  const bound = (relation: string, unit = ""): ErrorFacts => ({
    code: "SPEC-BOUNDS",
    what: `${subject} is out of bounds`,
    expected: `${relation} ${String(params["limit"])}${unit}`,
    got: Array.isArray(data) ? `${data.length}` : shown(data),
  });
  switch (error.keyword) {
    case "additionalProperties": {
      const key = String(params["additionalProperty"]);
      const known = Object.keys((error.parentSchema as { properties?: object }).properties ?? {});
      return { code: "SPEC-UNKNOWN-KEY", what: `unknown ${noun}: ${key}`, next: didYouMean(key, known) };
    }
    case "required":
      return { code: "SPEC-MISSING-KEY", what: `a ${noun} is missing: ${String(params["missingProperty"])}` };
    case "type":
      return {
        code: "SPEC-TYPE",
        what: `${subject} has the wrong type`,
        expected: article(params["type"] as string | string[]),
        got: shown(data),
      };
    case "const":
      return { code: "SPEC-CHOICE", what: `${subject} has another value`, expected: shown(params["allowedValue"]), got: shown(data) };
    case "enum": {
      const allowed = params["allowedValues"] as unknown[];
      const near =
        typeof data === "string"
          ? didYouMean(
              data,
              allowed.filter((each) => typeof each === "string"),
            )
          : "";
      return {
        code: "SPEC-CHOICE",
        what: `${subject} is none of its choices`,
        expected: allowed.map((each) => (typeof each === "string" ? each : shown(each))).join(", "),
        got: shown(data),
        ...(near.startsWith("Did") && { next: near }),
      };
    }
    case "anyOf":
    case "oneOf":
      return { code: "SPEC-TYPE", what: `${subject} fits none of its alternatives`, got: shown(data) };
    case "minimum":
      return bound("at least");
    case "maximum":
      return bound("at most");
    case "exclusiveMinimum":
      return bound("more than");
    case "exclusiveMaximum":
      return bound("less than");
    case "minItems":
    case "minProperties":
      return bound("at least", " of them");
    case "maxItems":
    case "maxProperties":
      return bound("at most", " of them");
    case "minLength":
      return bound("at least", " characters");
    case "maxLength":
      return bound("at most", " characters");
    case "uniqueItems":
      return { code: "SPEC-DUPLICATE-VALUE", what: `${subject} holds the same value twice` };
    case "pattern":
      if (error.propertyName === undefined)
        return { code: "SPEC-NAME", what: `${subject} is no name`, expected: String(params["pattern"]), got: shown(data) };
      return {
        code: "SPEC-NAME",
        what: `${error.propertyName} is no name`,
        expected: "a letter, then letters, digits, - and _",
      };
    default:
      return { code: "SPEC-TYPE", what: `${subject} ${error.message ?? "is not allowed"}`, got: shown(data) };
  }
}

import type { JsonSchema } from "./structure-schema.js";

/** The part of JSON Schema in which plugins declare parameters, as far as the planner reads it. */
export interface ParamSchema extends JsonSchema {
  readonly properties?: Readonly<Record<string, ParamSchema>>;
  readonly items?: ParamSchema;
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly spatial?: boolean;
  readonly assay?: string;
  readonly anyOf?: readonly ParamSchema[];
}

/** The format of a text parameter, also where a number may stand in its place. */
export const formatOf = ({ format, anyOf }: ParamSchema): string | undefined =>
  format ?? anyOf?.find((each) => each.format !== undefined)?.format;

export const isInner = (schema: ParamSchema): boolean => schema.assay === "explainer";

/** Names of the parameters that take another explainer. */
export const innerParams = (schema: ParamSchema): string[] =>
  Object.entries(schema.properties ?? {})
    .filter(([, each]) => isInner(each))
    .map(([name]) => name);

const INNER: JsonSchema = {
  if: { type: "object" },
  then: {
    additionalProperties: false,
    required: ["uses"],
    properties: { uses: { type: "string", minLength: 1 }, with: { type: "object" } },
  },
  else: { type: "string", minLength: 1 },
};

const prepared = new WeakMap<ParamSchema, JsonSchema>();

/** The schema with `inner(…)` parameters put as a choice by type, which gives one exact error instead of three. */
export function schemaToCheck(schema: ParamSchema): JsonSchema {
  const known = prepared.get(schema);
  if (known) return known;
  const properties = Object.entries(schema.properties ?? {}).map(([name, each]) => [name, isInner(each) ? innerSchema(each) : each]);
  const checked = { ...schema, properties: Object.fromEntries(properties) as JsonSchema };
  prepared.set(schema, checked);
  return checked;
}

export const innerSchema = ({ description }: ParamSchema): JsonSchema => ({ ...INNER, ...(description !== undefined && { description }) });

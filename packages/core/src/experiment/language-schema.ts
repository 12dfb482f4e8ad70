import type { RegisteredPlugin, Registry } from "../registry/registry.js";
import { innerSchema, isInner, type ParamSchema } from "./param-schema.js";
import { STRUCTURE, USE_PROPERTIES, type JsonSchema } from "./structure-schema.js";

/** Text that is filled in later stands where any type may. */
const REFERENCE: JsonSchema = {
  type: "string",
  pattern: "\\$\\{[^}]+\\}",
  description: "filled in from params, an axis or the environment",
};

/** The JSON Schema of the language with all loaded plugins, for editors: completes plugin names and their parameters. */
export function languageSchema(registry: Registry): JsonSchema {
  const plugins = registry.list();
  const defs = STRUCTURE["$defs"] as Readonly<Record<string, JsonSchema>>;
  const names = { oneOf: plugins.map(({ id, definition }) => ({ const: id, description: definition.summary })) };
  const uses = { ...(USE_PROPERTIES["uses"] as JsonSchema), ...names };
  const node = defs["node"]!;
  const nodeProperties = node["properties"] as Readonly<Record<string, JsonSchema>>;
  const pairing = { allOf: plugins.map((plugin) => pair(plugin)) };
  return {
    ...STRUCTURE,
    $defs: {
      ...defs,
      axis: withReference(defs["axis"]!),
      use: { ...defs["use"], properties: { ...USE_PROPERTIES, uses }, ...pairing },
      node: { ...node, properties: { ...nodeProperties, uses: { ...nodeProperties["uses"], else: names } }, ...pairing },
    },
  };
}

/** Where `uses` names the plugin, `with` and `preset` are the plugin's. */
function pair({ id, definition }: RegisteredPlugin): JsonSchema {
  const { required: _, ...params } = definition.params as ParamSchema & { required?: unknown };
  const presets = Object.keys(definition.presets ?? {});
  return {
    if: { required: ["uses"], properties: { uses: { const: id } } },
    then: { properties: { with: editable(params), preset: presets.length > 0 ? { enum: presets } : false } },
  };
}

/** A plugin's schema, loosened by what the language adds: `${…}` anywhere, and required parameters that a preset or a node gives. */
function editable(schema: ParamSchema): JsonSchema {
  const properties = Object.entries(schema.properties ?? {}).map(([name, each]) => [
    name,
    withReference(isInner(each) ? innerSchema(each) : each),
  ]);
  return { ...schema, properties: Object.fromEntries(properties) as JsonSchema };
}

function withReference(schema: JsonSchema): JsonSchema {
  const { description, default: fallback, ...rest } = schema;
  return {
    anyOf: [rest, REFERENCE],
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
  };
}

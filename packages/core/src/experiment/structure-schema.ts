import { VIEWS } from "../plugin/view.js";

export type JsonSchema = { readonly [key: string]: unknown };

/** Names that stand in instance ids and references. */
const NAME = "^[A-Za-z][A-Za-z0-9_-]*$";

/** Keys of a `use`: what an axis value or a node says about its plugin. */
export const USE_PROPERTIES: JsonSchema = {
  uses: { type: "string", minLength: 1, description: "the plugin, as kind/name" },
  with: { type: "object", description: "the plugin's parameters" },
  view: { $ref: "#/$defs/view" },
  target: { $ref: "#/$defs/target" },
  preset: { type: "string", description: "named settings of the plugin that `with` is laid over, such as `paper`" },
};

const PARAM_PROPERTIES: JsonSchema = {
  type: { enum: ["string", "number", "integer", "boolean", "array", "object"], description: "what values the parameter takes" },
  description: { type: "string" },
  default: { description: "the value where `--set` gives none" },
  enum: { type: "array", minItems: 1 },
  minimum: { type: "number" },
  maximum: { type: "number" },
  exclusiveMinimum: { type: "number" },
  exclusiveMaximum: { type: "number" },
  minLength: { type: "integer", minimum: 0 },
  minItems: { type: "integer", minimum: 0 },
  maxItems: { type: "integer", minimum: 0 },
  uniqueItems: { type: "boolean" },
  items: { $ref: "#/$defs/param" },
};

const names = (description: string): JsonSchema => ({ type: "array", items: { type: "string" }, uniqueItems: true, description });

/** Choosing by `if` rather than by `anyOf` gives one exact error instead of one for each alternative. */
const objectOr = (object: JsonSchema, otherwise: JsonSchema): JsonSchema => ({ if: { type: "object" }, then: object, else: otherwise });

/** The language without any plugin: what every spec must look like. */
export const STRUCTURE: JsonSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "Assay experiment",
  type: "object",
  additionalProperties: false,
  required: ["assay", "name", "nodes"],
  properties: {
    assay: { const: 1, description: "version of the language" },
    name: { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]*$", description: "name of the experiment and of its folder of runs" },
    include: {
      description: "files merged below this one: maps merge deep, lists replace",
      if: { type: "array" },
      then: { items: { type: "string" } },
      else: { type: "string" },
    },
    plugins: {
      type: "array",
      items: { type: "string", minLength: 1 },
      description: "packages, or paths relative to this file, with further plugins",
    },
    env: names("environment variables that `${env.NAME}` may read"),
    params: {
      type: "object",
      propertyNames: { pattern: NAME },
      additionalProperties: { $ref: "#/$defs/param" },
      description: "values that `--set name=value` changes",
    },
    presets: {
      type: "object",
      propertyNames: { pattern: NAME },
      additionalProperties: {
        type: "object",
        additionalProperties: false,
        properties: Object.fromEntries(["params", "axes", "nodes"].map((section) => [section, { type: "object" }])),
      },
      description: "parts that `--preset name` lays over the spec: maps merge deep, lists replace",
    },
    axes: {
      type: "object",
      propertyNames: { pattern: NAME },
      additionalProperties: { $ref: "#/$defs/axis" },
      description: "what nodes run over",
    },
    nodes: {
      type: "object",
      minProperties: 1,
      propertyNames: { pattern: NAME },
      additionalProperties: { $ref: "#/$defs/node" },
      description: "the steps of the experiment",
    },
    track: {
      type: "object",
      additionalProperties: false,
      properties: { experiment: { type: "string", minLength: 1 }, uri: { type: "string", minLength: 1 } },
      description: "where results are tracked",
    },
    store: {
      type: "object",
      additionalProperties: false,
      properties: { maxBytes: { type: "integer", minimum: 0, description: "room for kept maps, in bytes" } },
    },
    seed: { type: ["integer", "string"], default: 0, description: "root of every random stream" },
    backend: { enum: ["auto", "onnxruntime", "tensorflow", "wasm"], description: "what computes; the command line's --backend wins" },
  },
  $defs: {
    param: { type: "object", additionalProperties: false, properties: PARAM_PROPERTIES },
    axis: {
      type: ["array", "object"],
      if: { type: "array" },
      then: { minItems: 1, uniqueItems: true, items: { type: ["string", "number", "boolean"] } },
      else: { minProperties: 1, additionalProperties: { $ref: "#/$defs/use" } },
    },
    use: { type: "object", additionalProperties: false, required: ["uses"], properties: USE_PROPERTIES },
    node: {
      type: "object",
      additionalProperties: false,
      required: ["uses"],
      properties: {
        ...USE_PROPERTIES,
        uses: {
          description: "the plugin, as kind/name, or the axis whose values name plugins",
          ...objectOr(
            { additionalProperties: false, required: ["axis"], properties: { axis: { type: "string" } } },
            { type: "string", minLength: 1 },
          ),
        },
        in: { type: "object", additionalProperties: { $ref: "#/$defs/edge" }, description: "the node that feeds each port" },
        over: names("axes that the node runs over"),
        override: { type: "boolean", description: "this node is merged over the one of an included file" },
      },
    },
    edge: objectOr(
      {
        additionalProperties: false,
        required: ["from"],
        properties: {
          from: { type: "string", minLength: 1 },
          collect: names("axes of the producer that arrive together"),
          pick: {
            type: "object",
            additionalProperties: { type: ["string", "number", "boolean"] },
            description: "one value of an axis of the producer: the value, first or last",
          },
        },
      },
      { type: "string", minLength: 1 },
    ),
    view: {
      description: "how an attribution becomes a map",
      ...objectOr(
        { additionalProperties: false, required: ["name"], properties: { name: { enum: [...VIEWS] }, foreground: { type: "boolean" } } },
        { enum: [...VIEWS] },
      ),
    },
    target: {
      description:
        "the class explained: frozen (chosen on the trained model), argmax (chosen at each stage), label (the image's own) or its index",
      type: ["string", "integer"],
      if: { type: "string" },
      then: { enum: ["frozen", "argmax", "label"] },
      else: { minimum: 0 },
    },
  },
};

import { Type, type Static, type TObject, type TProperties, type TSchema } from "@sinclair/typebox";

/**
 * The words in which a plugin declares its parameters: JSON Schema built with TypeBox.
 * Meaning, unit, bound and default of a parameter stand here and nowhere else: the docs page,
 * `assay describe`, the editor schema and the tracked params are generated from it.
 */
export type ParamsSchema = TObject;
export type Params<S extends ParamsSchema> = Static<S>;

interface Words<T> {
  readonly description: string;
  readonly default?: T;
}
interface Bounds extends Words<number> {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

export const strictObject = <P extends TProperties>(properties: P): TObject<P> => Type.Object(properties, { additionalProperties: false });

export const integer = (options: Bounds) => Type.Integer(options);
export const number = (options: Bounds) => Type.Number(options);
export const text = (options: Words<string> & { readonly minLength?: number }) => Type.String(options);
export const flag = (options: Words<boolean>) => Type.Boolean(options);
export const choice = <const T extends readonly string[]>(values: T, options: Words<T[number]>) =>
  Type.Unsafe<T[number]>({ type: "string", enum: [...values], ...options });
export const list = <T extends TSchema>(
  items: T,
  options: { readonly description: string; readonly default?: unknown[]; readonly minItems?: number; readonly maxItems?: number },
) => Type.Array(items, options);
export const optional = <T extends TSchema>(schema: T) => Type.Optional(schema);

/** A path to a file or folder, relative to the spec that names it. Resolved to an absolute path before the plugin sees it. */
export const path = (options: Words<string>) => Type.String({ ...options, format: "assay-path", minLength: 1 });

/** The name of a layer of the explained model. Checked against the model at plan time; `spatial` asks for an output `[h, w, c]`. */
export const layer = (options: Words<string> & { readonly spatial?: boolean }) =>
  Type.String({ ...options, format: "assay-layer", minLength: 1 });

/** Another explainer: its registered name (`explainer/gradient` or `gradient`) and its parameters. */
export const inner = (options: Words<string>) =>
  Type.Unsafe<string | { readonly uses: string; readonly with?: Record<string, unknown> }>({
    ...options,
    anyOf: [
      { type: "string", minLength: 1 },
      {
        type: "object",
        properties: { uses: { type: "string", minLength: 1 }, with: { type: "object" } },
        required: ["uses"],
        additionalProperties: false,
      },
    ],
    assay: "explainer",
  });

/** A number, or the path of an `.npy` array shaped like one input; `context.array` turns either into a tensor. */
export const numberOrFile = (options: { readonly description: string; readonly default: number }) =>
  Type.Union([Type.Number(), Type.String({ format: "assay-path", minLength: 1 })], options);

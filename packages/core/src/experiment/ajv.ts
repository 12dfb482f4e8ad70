import { Ajv, type ValidateFunction } from "ajv";
import type { JsonSchema } from "./structure-schema.js";

/** One checker for all schemas: defaults are filled in, every error is reported, unknown words of authors are let pass. */
const ajv = new Ajv({ allErrors: true, verbose: true, useDefaults: true, strict: false, strictNumbers: true });
ajv.addFormat("assay-path", true);
ajv.addFormat("assay-layer", true);

const compiled = new WeakMap<object, ValidateFunction>();

/** Compiles a schema once. */
export function checker(schema: JsonSchema): ValidateFunction {
  const known = compiled.get(schema);
  if (known) return known;
  const validate = ajv.compile(schema);
  compiled.set(schema, validate);
  return validate;
}

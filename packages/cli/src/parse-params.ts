import { AssayError, AssayErrors, checkParams, type Definition } from "@assay/core";

/** Parameters given as JSON on the command line: checked against the plugin's schema, defaults applied. */
export function parseParams(definition: Definition, json: string, where: string): Record<string, unknown> {
  let given: unknown;
  try {
    given = JSON.parse(json);
  } catch (error) {
    throw new AssayError({ code: "INPUT-JSON", where, what: `this is not JSON: ${(error as Error).message}`, next: `Write it like --with '{"steps": 50}'.` });
  }
  const { params, errors } = checkParams(definition, given, where);
  if (errors.length > 0) throw new AssayErrors(errors);
  return params;
}

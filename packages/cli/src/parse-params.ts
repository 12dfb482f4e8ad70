import { AssayError } from "@assay/core";

/** Parameters given as a JSON object on the command line, not yet held against a plugin's schema. */
export function parseJson(json: string, where: string): Record<string, unknown> {
  const next = `Write it like ${where} '{"steps": 50}'.`;
  let given: unknown;
  try {
    given = JSON.parse(json);
  } catch (error) {
    throw new AssayError({ code: "INPUT-JSON", where, what: `this is not JSON: ${(error as Error).message}`, next }, { cause: error });
  }
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return given as Record<string, unknown>;
  throw new AssayError({ code: "INPUT-JSON", where, what: "parameters are a JSON object", got: json, next });
}

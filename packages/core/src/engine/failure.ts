import { AssayError } from "../plugin/index.js";

/** Whatever a plugin threw, as an error that names the instance. */
export function asFailure(error: unknown, where: string): AssayError {
  if (error instanceof AssayError) return error;
  const what = error instanceof Error ? error.message : String(error);
  return new AssayError({ code: "INSTANCE-FAILED", where, what: what.replace(/\.$/, ""), exit: 1 }, { cause: error });
}

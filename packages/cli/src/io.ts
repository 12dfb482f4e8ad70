import { relative } from "node:path";
import { AssayError, AssayErrors, renderError } from "@assay/core";
import pc from "picocolors";

/** Where the command line reads and writes: results to stdout, everything else to stderr. */
export interface Io {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  out(text: string): void;
  err(text: string): void;
}

export const processIo: Io = {
  cwd: process.cwd(),
  env: process.env,
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
};

/** Prints an error as a person (or, with `json`, a tool) reads it, and gives the exit code. Stack traces only with `debug`. */
export function reportError(error: unknown, io: Io, { debug = false, json = false } = {}): number {
  const errors = error instanceof AssayErrors ? error.errors : error instanceof AssayError ? [error] : [];
  if (json && errors.length > 0) {
    io.err(JSON.stringify({ errors: errors.map((each) => ({ ...each.facts, exit: each.exit, message: each.message })) }, undefined, 2));
  } else {
    for (const each of errors) io.err(renderError(fromHere(each, io.cwd)));
  }
  if (errors.length === 0) {
    const what = error instanceof Error ? error.message : String(error);
    io.err(pc.red(`UNEXPECTED: ${what}`));
    if (!debug) io.err("This is a defect in Assay or in a plugin. Run again with --debug to see where it comes from.");
  }
  if (debug && error instanceof Error) io.err(error.stack ?? "");
  return error instanceof AssayErrors || error instanceof AssayError ? error.exit : 1;
}

/** Files below the working folder are named from there, as a person typed them. */
function fromHere(error: AssayError, cwd: string): AssayError {
  const { place } = error.facts;
  if (!place) return error;
  const file = relative(cwd, place.file);
  return file.startsWith("..") || place.file.startsWith("--") ? error : new AssayError({ ...error.facts, place: { ...place, file } });
}

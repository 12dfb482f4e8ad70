import type { AssayError } from "./error.js";

const WIDTH = 120;

/** An error for a person: its message, and the line it is about with a caret under the place. */
export function renderError(error: AssayError): string {
  const { place } = error.facts;
  if (place?.source === undefined) return error.message;
  const { line, column } = place;
  const from = column > WIDTH - 20 ? column - 41 : 0;
  const source = place.source.slice(from, from + WIDTH);
  const before = source.slice(0, column - 1 - from).replace(/[^\t]/g, " ");
  const carets = "^".repeat(Math.max(1, Math.min(place.length ?? 1, source.length - before.length)));
  const number = String(line);
  const gutter = " ".repeat(number.length);
  return [error.message, `  ${number} | ${source}`, `  ${gutter} | ${before}${carets}`].join("\n");
}

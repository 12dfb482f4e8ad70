import { AssayError } from "@assay/core/plugin";

/** A layer that the model does not have, with the name that was probably meant. */
export function unknownLayer(name: string, known: readonly string[], where = "model"): AssayError {
  const nearest = [...known].sort((a, b) => distance(name, a) - distance(name, b))[0];
  const close = nearest !== undefined && distance(name, nearest) <= Math.max(2, name.length / 3);
  const shown = known.length > 12 ? `${known.slice(0, 12).join(", ")}, … (${known.length})` : known.join(", ");
  return new AssayError({
    code: "MODEL-UNKNOWN-LAYER",
    where,
    what: `there is no layer "${name}"`,
    expected: `one of ${shown}`,
    ...(close && { next: `Did you mean "${nearest}"?` }),
  });
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Damerau-Levenshtein distance (optimal string alignment): insert, delete, replace and swap of neighbours cost 1 each. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(last[j]! + 1, row[j - 1]! + 1, replace);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, beforeLast[j - 2]! + 1);
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

/** The known word that a mistyped one most likely stands for: within a third of its letters, or the same after its last `/`. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  const tail = (text: string) => text.slice(text.lastIndexOf("/") + 1);
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const other = candidate.toLowerCase();
    const whole = editDistance(wanted, other);
    const distance = tail(wanted) === tail(other) ? Math.min(whole, 1) : whole;
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best ?? (wanted.includes("/") ? undefined : nearestTail(wanted, known, tail));
}

function nearestTail(wanted: string, known: Iterable<string>, tail: (text: string) => string): string | undefined {
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  const inKinds = [...known].filter((candidate) => candidate.includes("/"));
  return inKinds.find((candidate) => editDistance(wanted, tail(candidate.toLowerCase())) <= limit);
}

/** The sentence that ends an error about a name: a suggestion where one is near, else the names that there are. */
export function didYouMean(word: string, known: Iterable<string>, what = "Known"): string {
  const names = [...known];
  const near = nearest(word, names);
  if (near !== undefined) return `Did you mean ${near}?`;
  if (names.length === 0) return `${what}: none.`;
  const shown = names.slice(0, 12).join(", ");
  return `${what}: ${shown}${names.length > 12 ? `, … (${names.length} in all)` : ""}.`;
}

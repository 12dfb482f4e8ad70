import { createHash } from "node:crypto";

/** What is compared: a run as the spool tells it, and as the server holds it. Lists keep what is there twice. */
export interface RunContents {
  readonly uuid: string;
  readonly parent: string | undefined;
  readonly name: string;
  readonly status: string;
  readonly startMs: number;
  readonly endMs: number | undefined;
  readonly params: readonly string[];
  readonly tags: readonly string[];
  readonly metrics: readonly string[];
  readonly inputs: readonly string[];
  readonly artifacts: readonly string[];
}

export interface Contents {
  readonly experiments: readonly string[];
  readonly runs: readonly RunContents[];
}

/** One line a fact; a number keeps every bit, and −0 its sign. */
export const fact = (...parts: readonly (string | number)[]): string =>
  parts.map((part) => (Object.is(part, -0) ? "-0" : JSON.stringify(part))).join(" ");

export const sorted = (facts: Iterable<string>): string[] => [...facts].sort();

export const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** The spool cannot know the server's addresses, which stand in links of notes. */
export const withoutLinks = (text: string): string => text.replace(/\]\((?:https?:|assay:)[^)]*\)/g, "](link)");

export const byUuid = (runs: readonly RunContents[]): RunContents[] => [...runs].sort((a, b) => (a.uuid < b.uuid ? -1 : 1));

/** What one has and the other has not, one line each; of a whole run only that. */
export function differences(expected: Contents, got: Contents): string[] {
  const heads = ({ experiments, runs }: Contents): string[] => [
    ...experiments.map((name) => `experiment ${name}`),
    ...runs.map(({ uuid, name, parent, status, startMs, endMs }) =>
      [`run ${uuid} ${name} of ${String(parent)}:`, `${status}, ${startMs} to ${String(endMs)}`].join(" "),
    ),
  ];
  const facts = ({ uuid, params, tags, metrics, inputs, artifacts }: RunContents): string[] =>
    Object.entries({ params, tags, metrics, inputs, artifacts }).flatMap(([kind, lines]) =>
      lines.map((line) => `run ${uuid} ${kind}: ${line}`),
    );
  const compared = (want: readonly string[], have: readonly string[]): string[] => [
    ...without(want, have).map((line) => `missing: ${line}`),
    ...without(have, want).map((line) => `too much: ${line}`),
  ];
  const whole = compared(heads(expected), heads(got));
  return whole.length > 0 ? whole : compared(expected.runs.flatMap(facts), got.runs.flatMap(facts));
}

/** Counts: of three equal lines, two are left without one. */
function without(lines: readonly string[], taken: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of taken) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}

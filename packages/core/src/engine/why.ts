import type { Instance } from "../experiment/plan-types.js";
import type { Recorded } from "../store/instance-index.js";

/** Why an instance without a stored result must run, told from what it was made of the last time. */
export function whyRun(instance: Instance, recorded: Recorded | undefined): string {
  if (!recorded) return "never computed";
  if (recorded.key === instance.key) return "its result is no longer in the store";
  const names = [...new Set([...Object.keys(recorded.parts), ...Object.keys(instance.keyParts)])];
  const changes = names
    .filter((name) => recorded.parts[name] !== instance.keyParts[name])
    .map((name) => describe(name, instance, recorded.parts[name], instance.keyParts[name]));
  return changes.length > 0 ? changes.join("; ") : "its key is made in another way than before";
}

function describe(name: string, instance: Instance, before: string | undefined, now: string | undefined): string {
  const input = /^(?:in|input)[.: ](.*)$/.exec(name)?.[1];
  if (input !== undefined) return `input ${input} (${nodesOf(instance, input)}) changed`;
  if (/^code/.test(name)) return `code of ${instance.plugin.id} changed`;
  const fields = [before, now].map(asObject);
  if (fields[0] && fields[1]) return `${name} changed: ${differences(fields[0], fields[1])}`;
  return `${name} changed: ${brief(before)} → ${brief(now)}`;
}

/** Digests and long values at a length that a line can hold. */
const brief = (text: string | undefined): string => (text ?? "unset").replaceAll(/\b([0-9a-f]{8})[0-9a-f]{24,}\b/g, "$1…").slice(0, 80);

const nodesOf = (instance: Instance, port: string): string => {
  const ids = instance.inputs.find((input) => input.port === port)?.instances ?? [];
  return ids.length === 1 ? ids[0]! : `${ids.length} instances`;
};

function asObject(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function differences(before: Readonly<Record<string, unknown>>, now: Readonly<Record<string, unknown>>): string {
  const show = (value: unknown): string => brief(value === undefined ? undefined : JSON.stringify(value));
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((field) => show(before[field]) !== show(now[field]))
    .map((field) => `${field} ${show(before[field])} → ${show(now[field])}`)
    .join(", ");
}

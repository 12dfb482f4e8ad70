import { createHash } from "node:crypto";

export const KEY_LENGTH = 250;
export const PARAM_LENGTH = 6000;
export const TAG_LENGTH = 8000;

const CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/)[^/\s@"']+@/gi;

/** Takes `user:password@` out of every address in a text. */
export const hideCredentials = (text: string): string => text.replace(CREDENTIALS, "$1");

/** A value as the string that MLflow stores: a number or boolean sent bare would make it drop the rest of the request. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "null";
  const text = typeof value === "string" ? value : ((JSON.stringify(value) as string | undefined) ?? "null");
  return hideCredentials(text.replace(/[\p{Surrogate}\0]/gu, "\uFFFD"));
}

/** The longest beginning of `text` that fits, never half of a surrogate pair. */
export const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/u, "")}…`;

/** A key or artifact path of the characters that every MLflow version takes, without empty, `.` or `..` segments. */
export function keyOf(name: string): string {
  const segments = name
    .replace(/[^\w\-. /]/g, "_")
    .split("/")
    .map((segment) => segment.trim())
    .filter((segment) => segment !== "")
    .map((segment) => (/^\.+$/.test(segment) ? "_" : segment));
  const key = segments.join("/") || "_";
  if (key.length <= KEY_LENGTH) return key;
  return `${key.slice(0, KEY_LENGTH - 9)}_${createHash("sha256").update(name).digest("hex").slice(0, 8)}`;
}

/** Part of a key that must not open another chart section. */
export const leaf = (name: string): string => name.replaceAll("/", "_");

/** Names to keys, one to one: two names that become the same key get different ones. */
export class Keys {
  readonly #keys = new Map<string, string>();
  readonly #taken = new Set<string>();

  of(name: string): string {
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const plain = keyOf(name);
    let key = plain;
    for (let n = 2; this.#taken.has(key.toLowerCase()); n++) key = `${plain.slice(0, KEY_LENGTH - 6)}_${n}`;
    this.#taken.add(key.toLowerCase());
    this.#keys.set(name, key);
    return key;
  }
}

/** A step or a timestamp: MLflow answers 200 to a fraction and drops what follows it. */
export function wholeNumber(value: number): number {
  const whole = Math.round(value);
  if (!Number.isSafeInteger(whole)) throw new RangeError(`not a whole number: ${value}`);
  return whole;
}

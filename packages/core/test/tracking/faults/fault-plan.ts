import { createHash } from "node:crypto";

/**
 * What may happen to one request. `…-before`: the server never sees it; `…-after`: it has acted, and the client does not learn of it. `late`:
 * the client has given it up, then the server gets it. `twice`: an eager proxy sends it two times. `wrong-json` and `login-page` are lies: a 200, and nothing was done.
 */
export const FAULTS = [
  "drop-before",
  "drop-after",
  "reset-before",
  "reset-in-reply",
  "429-seconds",
  "429-date",
  "502-page-before",
  "502-page-after",
  "503",
  "504-after",
  "hang-before",
  "hang-after",
  "late",
  "slow",
  "slower-than-patience",
  "cut-connection",
  "cut-text",
  "wrong-json",
  "login-page",
  "twice",
  "disk-full",
  "restart",
] as const;

export type Fault = (typeof FAULTS)[number];

/** A number in [0, 1) that depends on nothing but its arguments. */
export const chance = (...facts: readonly (string | number)[]): number =>
  createHash("sha256").update(facts.join("\n")).digest().readUIntBE(0, 6) / 2 ** 48;

/** An index below `count`. */
export const pick = (count: number, ...facts: readonly (string | number)[]): number => Math.floor(chance(...facts) * count);

/** After so many requests a schedule has no more faults. */
const LAST = 160;
const RATES = [0.05, 0.12, 0.3];
/** A restart takes seconds and hits every schedule under way, so that only few begin one. */
const RESTARTS_EVERY = 25;
const EVERYWHERE = FAULTS.filter((fault) => fault !== "restart");
const WRITES = /\/(create|update|log-batch|log-inputs|set-experiment-tag)$|\/mlflow-artifacts\//;

/** The fate of request number `index` of a schedule: the same for the same seed, number and path. */
export function faultFor(seed: number, index: number, path: string): Fault | undefined {
  if (index >= LAST) return undefined;
  if (seed % RESTARTS_EVERY === 3 && index === 5 + pick(40, seed, "restart")) return "restart";
  const rate = RATES[pick(RATES.length, seed, "rate")] ?? 0;
  // A third of the schedules is after what must not be done twice, a third fails several times in a row.
  const mood = pick(3, seed, "mood");
  const dangerous = mood === 0 && WRITES.test(path) ? 2.5 : 1;
  const again = mood === 1 && index > 0 && chance(seed, index - 1) < rate && chance(seed, index, "again") < 0.6;
  if (chance(seed, index) >= rate * dangerous && !again) return undefined;
  return EVERYWHERE[pick(EVERYWHERE.length, seed, index, "kind")];
}

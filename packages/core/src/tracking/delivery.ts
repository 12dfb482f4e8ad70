import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunLinks } from "./run-links.js";

/** What a server holds of one spool, each thing counted once. */
export interface Held {
  readonly runs: number;
  readonly metricPoints: number;
  readonly params: number;
  readonly tags: number;
  readonly inputs: number;
  readonly artifacts: number;
}

/** What is known on this machine of one spool at one server. */
export interface Delivery {
  /** its address, without anything secret */
  readonly server: string;
  /** SHA-256 of the events that were sent: with more events the delivery is behind */
  readonly events: string;
  readonly state: "partly" | "verified";
  readonly held: Held;
  readonly links: RunLinks;
}

const PREFIX = "delivered-";

const short = (server: string): string => createHash("sha256").update(server).digest("hex").slice(0, 12);

/** Names what belongs to one server in a spool's folder. */
export const serverName = (server: string): string => `server-${short(server)}`;

export function recordDelivery(folder: string, delivery: Delivery): void {
  const file = join(folder, `${PREFIX}${short(delivery.server)}.json`);
  writeFileSync(`${file}-${process.pid}`, `${JSON.stringify(delivery, undefined, 2)}\n`);
  renameSync(`${file}-${process.pid}`, file);
}

/** The servers that this spool was sent to; `behind` where events came after. */
export function deliveries(folder: string): (Delivery & { readonly behind: boolean })[] {
  const now = eventsDigest(folder);
  return readdirSync(folder)
    .filter((name) => name.startsWith(PREFIX) && name.endsWith(".json"))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Delivery)
    .map((delivery) => ({ ...delivery, behind: delivery.events !== now }));
}

export function eventsDigest(folder: string): string {
  const file = join(folder, "events.jsonl");
  return createHash("sha256")
    .update(existsSync(file) ? readFileSync(file) : "")
    .digest("hex");
}

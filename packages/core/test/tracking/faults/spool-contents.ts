import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SpoolEvent } from "../../../src/tracking/spool.js";
import { byUuid, digestOf, fact, sorted, withoutLinks } from "./contents.js";
import type { Contents, RunContents } from "./contents.js";

type Opened = Extract<SpoolEvent, { type: "run-opened" }>;

/** What the server must hold, read from `events.jsonl` here and not by the code under test. A line without its end was never written. */
export function spoolContents(folder: string): Contents {
  const path = join(folder, "events.jsonl");
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const events = text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as SpoolEvent);
  const opened = events.filter((event) => event.type === "run-opened");
  const experiments = events.flatMap((event) => (event.type === "experiment" ? [event.name] : []));
  return {
    experiments: opened.length === 0 ? [] : experiments,
    runs: byUuid(opened.map((run) => contentsOf(run, folder, events))),
  };
}

/** Of a parameter the first value stays; of a tag, a file and an ending the last one counts. */
function contentsOf(run: Opened, folder: string, events: readonly SpoolEvent[]): RunContents {
  const params = new Map<string, string>();
  const tags = new Map([["assay.uuid", run.run]]);
  const metrics = new Set<string>();
  const inputs = new Set<string>();
  const artifacts = new Map<string, string>();
  let [status, endMs]: [string, number | undefined] = ["RUNNING", undefined];
  for (const event of events) {
    if (event.type === "experiment" || event.run !== run.run) continue;
    switch (event.type) {
      case "run-opened":
        break;
      case "params":
        for (const [key, value] of Object.entries(event.params)) if (!params.has(key)) params.set(key, value);
        break;
      case "tags":
        for (const [key, value] of Object.entries(event.tags)) tags.set(key, withoutLinks(value));
        break;
      case "metrics":
        for (const { key, step, timestamp, value } of event.metrics) metrics.add(fact(key, step, timestamp, value));
        break;
      case "dataset": {
        const { name, digest, source, sourceType, profile, context } = event.dataset;
        inputs.add(fact(name, digest, source, sourceType, profile, context));
        break;
      }
      case "artifact":
        artifacts.set(event.path, digestOf(readFileSync(join(folder, event.file))));
        break;
      case "run-closed":
        [status, endMs] = [event.status, event.endMs];
    }
  }
  const pairs = (map: ReadonlyMap<string, string>): string[] => sorted([...map].map(([key, value]) => fact(key, value)));
  return {
    uuid: run.run,
    parent: run.parent,
    name: run.name,
    status,
    startMs: run.startMs,
    endMs,
    params: pairs(params),
    tags: pairs(tags),
    metrics: sorted(metrics),
    inputs: sorted(inputs),
    artifacts: pairs(artifacts),
  };
}

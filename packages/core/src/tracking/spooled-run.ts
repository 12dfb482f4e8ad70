import { readEvents } from "./spool.js";
import type { ClosedStatus, MetricPoint, SpoolArtifact, SpoolDataset } from "./spool.js";

/** What the spool says of one run: the state that the server is to be brought to. */
export interface SpooledRun {
  readonly uuid: string;
  readonly parent?: string;
  readonly name: string;
  readonly startMs: number;
  readonly tags: Record<string, string>;
  readonly params: Record<string, string>;
  readonly metrics: MetricPoint[];
  readonly datasets: SpoolDataset[];
  readonly artifacts: Map<string, SpoolArtifact>;
  closed?: { readonly status: ClosedStatus; readonly endMs: number };
}

export interface SpooledExperiment {
  readonly name: string;
  readonly note: string;
  /** the parent first */
  readonly runs: readonly SpooledRun[];
}

/** Folds the events of a spool. The later tag wins, the first parameter stays; events of a run that was never opened are dropped. */
export function readSpool(folder: string): SpooledExperiment {
  const runs = new Map<string, SpooledRun>();
  let [name, note] = ["assay", ""];
  for (const event of readEvents(folder)) {
    if (event.type === "experiment") {
      ({ name, note } = event);
      continue;
    }
    if (event.type === "run-opened") {
      if (!runs.has(event.run)) runs.set(event.run, opened(event));
      continue;
    }
    const run = runs.get(event.run);
    if (!run) continue;
    if (event.type === "params") Object.assign(run.params, { ...event.params, ...run.params });
    else if (event.type === "tags") Object.assign(run.tags, event.tags);
    else if (event.type === "metrics") run.metrics.push(...event.metrics);
    else if (event.type === "dataset") run.datasets.push(event.dataset);
    else if (event.type === "artifact") run.artifacts.set(event.path, { path: event.path, file: event.file, bytes: event.bytes });
    else run.closed = { status: event.status, endMs: event.endMs };
  }
  return { name, note, runs: [...runs.values()] };
}

const opened = (event: { run: string; parent?: string; name: string; startMs: number }): SpooledRun => ({
  uuid: event.run,
  ...(event.parent === undefined ? {} : { parent: event.parent }),
  name: event.name,
  startMs: event.startMs,
  tags: {},
  params: {},
  metrics: [],
  datasets: [],
  artifacts: new Map(),
});

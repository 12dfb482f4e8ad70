import type { MlflowClient } from "./client.js";
import { keyValues, recordOf, type KeyValue, type Metric, type Run, type RunStatus } from "./types.js";

export interface RunDataset {
  readonly name: string;
  /** at most 36 characters */
  readonly digest: string;
  readonly sourceType: string;
  readonly source: string;
  readonly profile: string;
  /** e.g. `evaluation` */
  readonly context: string;
}

/** All that a run is to hold. Keys and texts as MLflow takes them (`keyOf`, `textOf`, `cut`), timestamps and steps whole. */
export interface RunContent {
  readonly name: string;
  readonly startMs: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: readonly Metric[];
  readonly datasets: readonly RunDataset[];
  readonly artifacts: readonly { readonly path: string; readonly bytes: number; read(): Promise<Uint8Array> }[];
  readonly closed?: { readonly status: Exclude<RunStatus, "RUNNING" | "SCHEDULED">; readonly endMs: number };
}

/** Sends what the server does not show yet; sending twice leaves one copy. */
export async function push(client: MlflowClient, run: Run, wanted: RunContent): Promise<void> {
  const { run_id } = run.info;
  await client.logParams(run_id, lacking(wanted.params, run.data.params, true));
  await client.setTags(run_id, lacking(wanted.tags, run.data.tags, false));
  const digests = new Set(run.inputs?.dataset_inputs?.map(({ dataset }) => dataset.digest));
  for (const { name, digest, source, sourceType, profile, context } of wanted.datasets) {
    if (digests.has(digest)) continue;
    digests.add(digest);
    const tags = keyValues({ "mlflow.data.context": context });
    await client.logInputs(run_id, [{ tags, dataset: { name, digest, source_type: sourceType, source, profile } }]);
  }
  await client.logMetrics(run_id, wanted.metrics);
  for (const file of wanted.artifacts) await client.artifacts.put(run.info, file.path, await file.read());
  const { closed, name } = wanted;
  await client.updateRun({ run_id, run_name: name, status: closed?.status ?? "RUNNING", ...(closed && { end_time: closed.endMs }) });
}

/** Parameters are written once: one that is there stays, whatever its value, and `readBack` tells of it. */
function lacking(
  want: Readonly<Record<string, string>>,
  there: readonly KeyValue[] | undefined,
  anyValue: boolean,
): Record<string, string> {
  const got = recordOf(there);
  return Object.fromEntries(Object.entries(want).filter(([key, value]) => !(key in got) || !(anyValue || got[key] === value)));
}

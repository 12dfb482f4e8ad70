import { posix } from "node:path";
import type { MlflowClient } from "./client.js";
import type { RunContent } from "./run-content.js";
import type { Metric, Run } from "./types.js";

/**
 * What the server does not hold as `wanted` says: one sentence each, none when all is there. A 200 is no proof, since MLflow answers it
 * to requests of which it stored only a part; so every parameter, tag, metric point, dataset and file size is read again.
 */
export async function readBack(client: MlflowClient, runId: string, wanted: RunContent): Promise<string[]> {
  const run = await client.run(runId);
  const problems = [
    ...state(run, wanted),
    ...entries(run, wanted),
    ...(await points(client, run, wanted)),
    ...(await files(client, runId, wanted)),
  ];
  return problems.map((problem) => `run ${wanted.name}: ${problem}`);
}

function state({ info, inputs }: Run, { name, startMs, closed, datasets }: RunContent): string[] {
  const expected: [string, unknown, unknown][] = [
    ["name", name, info.run_name],
    ["start time", startMs, Number(info.start_time)],
    ["status", closed?.status ?? "RUNNING", info.status],
    ...(closed ? [["end time", closed.endMs, Number(info.end_time)] as [string, unknown, unknown]] : []),
  ];
  const digests = new Set(inputs?.dataset_inputs?.map(({ dataset }) => dataset.digest));
  return [
    ...expected.flatMap(([what, want, got]) => (want === got ? [] : [`${what} is ${String(got)} instead of ${String(want)}`])),
    ...datasets.flatMap(({ digest }) => (digests.has(digest) ? [] : [`dataset ${digest} is missing`])),
  ];
}

function entries({ data }: Run, wanted: RunContent): string[] {
  const compare = (kind: string, want: Readonly<Record<string, string>>, got: Run["data"]["tags"] = []) => {
    const there = new Map(got.map(({ key, value }) => [key, value]));
    return Object.entries(want).flatMap(([key, value]) =>
      there.get(key) === value ? [] : [`${kind} ${key} is ${there.has(key) ? "another" : "missing"}`],
    );
  };
  return [...compare("param", wanted.params, data.params), ...compare("tag", wanted.tags, data.tags)];
}

/** The run itself names each metric's newest point; only longer curves need their history. */
async function points(client: MlflowClient, run: Run, { metrics }: RunContent): Promise<string[]> {
  const problems: string[] = [];
  const newest = new Map((run.data.metrics ?? []).map((metric) => [metric.key, metric]));
  for (const [key, curve] of curves(metrics)) {
    const single = newest.get(key);
    const there = curve.length === 1 ? (single ? [single] : []) : await client.metricHistory(run.info.run_id, key);
    const missing = missingFrom(there.map(print), curve.map(print));
    const surplus = missingFrom(curve.map(print), there.map(print));
    if (missing.length > 0) problems.push(`metric ${key} lacks ${missing.length} of ${curve.length} points`);
    if (surplus.length > 0) problems.push(`metric ${key} has ${surplus.length} points too many`);
  }
  return problems;
}

async function files(client: MlflowClient, runId: string, { artifacts }: RunContent): Promise<string[]> {
  const folders = new Set(artifacts.map(({ path }) => posix.dirname(path)));
  const sizes = new Map<string, number>();
  for (const folder of folders) {
    for (const file of await client.artifacts.list(runId, folder === "." ? "" : folder)) sizes.set(file.path, Number(file.file_size));
  }
  return artifacts.flatMap(({ path, bytes }) => (sizes.get(path) === bytes ? [] : [`artifact ${path} is missing or of another size`]));
}

function curves(metrics: readonly Metric[]): Map<string, Metric[]> {
  const byKey = new Map<string, Metric[]>();
  for (const metric of metrics) byKey.set(metric.key, [...(byKey.get(metric.key) ?? []), metric]);
  return byKey;
}

/** proto JSON writes 64-bit integers as strings on some servers. */
const print = ({ step, timestamp, value }: Readonly<Record<"step" | "timestamp" | "value", number | string>>): string =>
  `${Number(step)} ${Number(timestamp)} ${Number(value)}`;

function missingFrom(there: readonly string[], wanted: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const point of there) left.set(point, (left.get(point) ?? 0) + 1);
  return wanted.filter((point) => {
    const count = left.get(point) ?? 0;
    left.set(point, count - 1);
    return count <= 0;
  });
}

import { byUuid, digestOf, fact, sorted, withoutLinks } from "./contents.js";
import type { Contents, RunContents } from "./contents.js";

interface Entry {
  readonly key: string;
  readonly value: string;
}

interface Point {
  readonly step: number | string;
  readonly timestamp: number | string;
  readonly value: number;
}

interface Held {
  readonly info: {
    readonly run_id: string;
    readonly run_name: string;
    readonly status: string;
    readonly start_time: number | string;
    readonly end_time?: number | string;
    readonly lifecycle_stage: string;
  };
  readonly data: { readonly metrics?: readonly Entry[]; readonly params?: readonly Entry[]; readonly tags?: readonly Entry[] };
  readonly inputs?: { readonly dataset_inputs?: readonly { readonly tags?: readonly Entry[]; readonly dataset: Record<string, string> }[] };
}

/** The server adds this one by itself. */
const OWN = "mlflow.runName";
const PARENT = "mlflow.parentRunId";

/** What a server holds in the experiments of a name, asked with bare requests and not by the client under test. Deleted runs are left out. */
export async function serverContents(uri: string, name: string): Promise<Contents> {
  const filter = `name = '${name}'`;
  const { experiments = [] } = await post<{ experiments?: { experiment_id: string; name: string }[] }>(uri, "experiments/search", {
    max_results: 1000,
    view_type: "ALL",
    filter,
  });
  if (experiments.length === 0) return { experiments: [], runs: [] };
  const { runs = [] } = await post<{ runs?: Held[] }>(uri, "runs/search", {
    experiment_ids: experiments.map(({ experiment_id }) => experiment_id),
    run_view_type: "ACTIVE_ONLY",
    max_results: 1000,
  });
  const uuids = new Map(runs.map((run) => [run.info.run_id, tagsOf(run)["assay.uuid"] ?? "a run without our uuid"]));
  return {
    experiments: experiments.map((experiment) => experiment.name),
    runs: byUuid(await Promise.all(runs.map((run) => runContents(uri, run, uuids)))),
  };
}

async function runContents(uri: string, run: Held, uuids: ReadonlyMap<string, string>): Promise<RunContents> {
  const { info, data, inputs } = run;
  const { [PARENT]: parent, ...tags } = tagsOf(run);
  const histories = await Promise.all((data.metrics ?? []).map(({ key }) => history(uri, info.run_id, key)));
  return {
    uuid: uuids.get(info.run_id) ?? "",
    parent: parent === undefined ? undefined : (uuids.get(parent) ?? `a run that is not there: ${parent}`),
    name: info.run_name,
    status: info.status,
    startMs: Number(info.start_time),
    endMs: Number(info.end_time ?? 0) || undefined,
    params: sorted((data.params ?? []).map(({ key, value }) => fact(key, value))),
    tags: sorted(
      Object.entries(tags)
        .filter(([key]) => key !== OWN)
        .map(([key, value]) => fact(key, withoutLinks(value))),
    ),
    metrics: sorted(histories.flat()),
    inputs: sorted(
      (inputs?.dataset_inputs ?? []).map(
        ({ dataset: { name = "", digest = "", source = "", source_type = "", profile = "" }, tags: of = [] }) =>
          fact(name, digest, source, source_type, profile, ...of.map(({ value }) => value)),
      ),
    ),
    artifacts: sorted(await artifacts(uri, info.run_id, "")),
  };
}

const tagsOf = ({ data }: Held): Record<string, string> => Object.fromEntries((data.tags ?? []).map(({ key, value }) => [key, value]));

async function history(uri: string, run_id: string, metric_key: string): Promise<string[]> {
  const query = { run_id, metric_key, max_results: "25000" };
  const { metrics = [] } = await get<{ metrics?: Point[] }>(uri, "api/2.0/mlflow/metrics/get-history", query);
  return metrics.map(({ step, timestamp, value }) => fact(metric_key, Number(step), Number(timestamp), value));
}

async function artifacts(uri: string, run_id: string, path: string): Promise<string[]> {
  const query = { run_id, ...(path === "" ? {} : { path }) };
  const { files = [] } = await get<{ files?: { path: string; is_dir: boolean }[] }>(uri, "api/2.0/mlflow/artifacts/list", query);
  const found = files.map(async (file) => {
    if (file.is_dir) return artifacts(uri, run_id, file.path);
    const reply = await fetch(`${uri}/get-artifact?${new URLSearchParams({ run_uuid: run_id, path: file.path }).toString()}`);
    return [fact(file.path, digestOf(new Uint8Array(await reply.arrayBuffer())))];
  });
  return (await Promise.all(found)).flat();
}

const get = <T>(uri: string, path: string, query: Record<string, string>): Promise<T> =>
  read(fetch(`${uri}/${path}?${new URLSearchParams(query).toString()}`));

const post = <T>(uri: string, path: string, body: unknown): Promise<T> =>
  read(
    fetch(`${uri}/api/2.0/mlflow/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  );

async function read<T>(asked: Promise<Response>): Promise<T> {
  const reply = await asked;
  const text = await reply.text();
  if (!reply.ok) throw new Error(`the server itself answered ${reply.status} ${text.slice(0, 300)}`);
  return JSON.parse(text) as T;
}

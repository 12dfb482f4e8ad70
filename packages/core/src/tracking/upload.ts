import { readFileSync } from "node:fs";
import { join } from "node:path";
import { batches } from "./batches.js";
import { mlflowAddress } from "./mlflow-address.js";
import { MlflowClient } from "./mlflow-client.js";
import type { KeyValue, Run } from "./mlflow-client.js";
import { MlflowError, retrying } from "./mlflow-request.js";
import type { Patience } from "./mlflow-request.js";
import { readBack } from "./read-back.js";
import { runLinks } from "./run-links.js";
import type { RunLinks } from "./run-links.js";
import { CHARTS_LINK, REPORT_LINK } from "./run-note.js";
import { readSpool } from "./spooled-run.js";
import type { SpooledExperiment, SpooledRun } from "./spooled-run.js";

export interface UploadOptions {
  readonly uri: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  readonly log?: (line: string) => void;
  readonly patience?: Partial<Patience>;
}

export interface Upload {
  readonly experimentId: string;
  readonly parentRunId: string;
  readonly links: RunLinks;
  /** all was read back as the spool says */
  readonly verified: boolean;
  /** what was not, one sentence each */
  readonly problems: readonly string[];
}

/**
 * Brings the server to what the spool says, then reads it back; what a server lost is sent once more. Runs are found by their uuid before they
 * are made, and every timestamp comes from the spool, so that any number of uploads leave one copy. Throws where the server cannot be reached.
 */
export async function uploadSpool(
  folder: string,
  { uri, env, signal, log = () => undefined, patience = {} }: UploadOptions,
): Promise<Upload> {
  const experiment = readSpool(folder);
  const [parent] = experiment.runs;
  if (!parent) throw new MlflowError({ where: folder, what: "the spool holds no run yet", retryable: false });
  const address = mlflowAddress(uri, env);
  for (const warning of address.warnings) log(warning);
  const client = new MlflowClient(address, { patience, ...(signal ? { signal } : {}) });
  const experimentId = await experimentFor(client, experiment);
  const parentRun = await runFor(client, experimentId, parent, undefined, signal);
  const links = linksFor(address.base, parentRun, experiment);
  const problems: string[] = [];
  for (const spooled of experiment.runs) {
    const run = spooled === parent ? parentRun : await runFor(client, experimentId, spooled, parentRun.info.run_id, signal);
    const wanted = { ...spooled, tags: finalTags(spooled, links, parentRun) };
    await push(client, folder, run, wanted);
    if ((await readBack(client, run.info.run_id, wanted)).length === 0) continue;
    await push(client, folder, await client.run(run.info.run_id), wanted);
    problems.push(...(await readBack(client, run.info.run_id, wanted)));
  }
  return { experimentId, parentRunId: parentRun.info.run_id, links, verified: problems.length === 0, problems };
}

async function experimentFor(client: MlflowClient, { name, note }: SpooledExperiment): Promise<string> {
  const found = (await client.experimentByName(name)) ?? (await created(client, name));
  if (found.lifecycle_stage === "deleted") {
    const next = "Restore it in MLflow, or name another one in `track.experiment` or MLFLOW_EXPERIMENT_NAME.";
    throw new MlflowError({
      where: client.address.base,
      what: `the experiment '${name}' was deleted there, which blocks its name`,
      retryable: false,
      next,
    });
  }
  const noted = found.tags?.some(({ key }) => key === "mlflow.note.content") ?? false;
  if (note && !noted) await client.setExperimentTag(found.experiment_id, "mlflow.note.content", note);
  return found.experiment_id;
}

/** Another upload may make it between our look and our request. */
async function created(client: MlflowClient, name: string): Promise<NonNullable<Awaited<ReturnType<MlflowClient["experimentByName"]>>>> {
  try {
    return { experiment_id: await client.createExperiment(name), name, lifecycle_stage: "active" };
  } catch (error) {
    if (!(error instanceof MlflowError) || error.reason !== "RESOURCE_ALREADY_EXISTS") throw error;
    const found = await client.experimentByName(name);
    if (!found) throw error;
    return found;
  }
}

/** Looks before each try: an answer may be lost after the run was made. */
const runFor = (
  client: MlflowClient,
  experimentId: string,
  run: SpooledRun,
  parentRunId: string | undefined,
  signal?: AbortSignal,
): Promise<Run> =>
  retrying(
    async () => {
      const [found] = await client.runsByTag(experimentId, "assay.uuid", run.uuid);
      if (found?.info.lifecycle_stage === "deleted") {
        const next = "Restore it there, or run the experiment again.";
        throw new MlflowError({
          where: client.address.base,
          what: `run ${found.info.run_id} (${run.name}) was deleted`,
          retryable: false,
          next,
        });
      }
      const tags = pairs({ "assay.uuid": run.uuid, ...(parentRunId === undefined ? {} : { "mlflow.parentRunId": parentRunId }) });
      return found ?? (await client.createRun({ experiment_id: experimentId, run_name: run.name, start_time: run.startMs, tags }));
    },
    client.patience,
    signal,
  );

/** Sends what the server does not show yet. Parameters can be written once only; metric points of the same timestamp are never doubled. */
async function push(client: MlflowClient, folder: string, run: Run, wanted: SpooledRun): Promise<void> {
  const { run_id } = run.info;
  const lacking = (want: Readonly<Record<string, string>>, got: readonly KeyValue[] = [], anyValue = false) =>
    pairs(want).filter(({ key, value }) => !got.some((there) => there.key === key && (anyValue || there.value === value)));
  for (const params of batches(lacking(wanted.params, run.data.params, true), 100)) await client.logBatch({ run_id, params });
  for (const tags of batches(lacking(wanted.tags, run.data.tags), 100)) await client.logBatch({ run_id, tags });
  const digests = new Set(run.inputs?.dataset_inputs?.map(({ dataset }) => dataset.digest));
  for (const { name, digest, source, sourceType, profile, context } of wanted.datasets) {
    if (digests.has(digest)) continue;
    digests.add(digest);
    const tags = pairs({ "mlflow.data.context": context });
    await client.logInputs(run_id, [{ tags, dataset: { name, digest, source_type: sourceType, source, profile } }]);
  }
  for (const metrics of batches(wanted.metrics, 1000)) await client.logBatch({ run_id, metrics });
  for (const { path, file } of wanted.artifacts.values()) await client.putArtifact(run.info, path, readFileSync(join(folder, file)));
  const { closed, name } = wanted;
  await client.updateRun({ run_id, run_name: name, status: closed?.status ?? "RUNNING", ...(closed ? { end_time: closed.endMs } : {}) });
}

function linksFor(base: string, parent: Run, { runs }: SpooledExperiment): RunLinks {
  const keys = new Set(runs.flatMap(({ metrics }) => metrics.map(({ key }) => key)));
  const curve = [...keys].find((key) => !/^(verdicts|uncertainty|summary)\/|-kappa\//.test(key));
  return runLinks(base, parent.info.experiment_id, parent.info.run_id, curve, runs[0]?.artifacts.has("report.html") ?? false);
}

/** The spool cannot know the server's ids: they are put in here. */
function finalTags({ tags, parent }: SpooledRun, links: RunLinks, parentRun: Run): Record<string, string> {
  const note = tags["mlflow.note.content"]
    ?.replaceAll(`](${REPORT_LINK})`, `](${links.report ?? links.run})`)
    .replaceAll(`](${CHARTS_LINK})`, `](${links.charts})`);
  return {
    ...tags,
    ...(note === undefined ? {} : { "mlflow.note.content": note }),
    ...(parent === undefined ? {} : { "mlflow.parentRunId": parentRun.info.run_id }),
  };
}

const pairs = (entries: Readonly<Record<string, string>>): KeyValue[] => Object.entries(entries).map(([key, value]) => ({ key, value }));

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { MlflowClient, mlflowAddress, MlflowError, push, readBack } from "mlflow-js-client";
import type { ClientOptions, Environment, Experiment, Run, RunContent } from "mlflow-js-client";
import { eventsDigest, recordDelivery, serverName } from "./delivery.js";
import type { Delivery, Held } from "./delivery.js";
import { runLinks } from "./run-links.js";
import type { RunLinks } from "./run-links.js";
import { CHARTS_LINK, REPORT_LINK } from "./run-note.js";
import { alone } from "./sole-sender.js";
import { readSpool } from "./spooled-run.js";
import type { SpooledExperiment, SpooledRun } from "./spooled-run.js";

export interface UploadOptions extends ClientOptions {
  readonly uri: string;
  readonly env: Environment;
}

export interface Upload {
  readonly experimentId: string;
  readonly parentRunId: string;
  readonly links: RunLinks;
  /** all was read back as the spool says */
  readonly verified: boolean;
  /** what was not, one sentence each */
  readonly problems: readonly string[];
  /** what the server was asked to hold */
  readonly held: Held;
}

/** How often what a server shows not to hold is sent. */
const ROUNDS = 2;

/**
 * Brings the server to what the spool says, then reads it back; what a server lost is sent once more. Runs are found by their uuid before they
 * are made, and every timestamp comes from the spool, so that any number of uploads leave one copy; what is there already is not sent again.
 * One process sends a spool to a server at a time, the others wait. Throws where the server cannot be reached.
 */
export async function uploadSpool(folder: string, { uri, env, ...options }: UploadOptions): Promise<Upload> {
  const address = mlflowAddress(uri, env);
  const client = new MlflowClient(address, options);
  return alone(folder, serverName(address.base), () => send(folder, client), options.signal);
}

async function send(folder: string, client: MlflowClient): Promise<Upload> {
  const events = eventsDigest(folder);
  const spooled = readSpool(folder);
  const [parent] = spooled.runs;
  if (!parent) throw new MlflowError({ where: folder, what: "the spool holds no run yet" });
  const { experiment_id: experimentId } = await experimentFor(client, spooled);
  const parentRun = await runFor(client, experimentId, parent);
  const links = linksFor(client.address.base, parentRun, spooled);
  const held = heldBy(spooled);
  const record = (state: Delivery["state"]): void => {
    recordDelivery(folder, { server: client.address.base, events, state, held, links });
  };
  record("partly");
  const problems: string[] = [];
  for (const run of spooled.runs) {
    const { info } = run === parent ? parentRun : await runFor(client, experimentId, run, parentRun.info.run_id);
    const wanted = contentOf(folder, run, finalTags(run, links, parentRun));
    let lacking = await readBack(client, info.run_id, wanted);
    for (let round = 0; lacking.length > 0 && round < ROUNDS; round++) {
      await push(client, await client.run(info.run_id), wanted);
      lacking = await readBack(client, info.run_id, wanted);
    }
    problems.push(...lacking);
    if (run.closed && run.tags["assay.kind"] === "explainer") problems.push(...(await register(client, experimentId, info.run_id, wanted)));
  }
  if (problems.length === 0) record("verified");
  return { experimentId, parentRunId: parentRun.info.run_id, links, verified: problems.length === 0, problems, held };
}

/**
 * A method as a logged model of MLflow 3, so that "which methods passed on this network" is a search there: named after the method, with its
 * parameters, its verdict and the network as tags, linked to its run. A 2.x server has none; the same tags stand on the runs.
 */
async function register(client: MlflowClient, experimentId: string, runId: string, { name, params, tags }: RunContent): Promise<string[]> {
  const card = ["assay.explainer", "assay.uses", "assay.verdict", "assay.control", "assay.model", "mlflow.note.content"];
  const kept = Object.fromEntries(card.flatMap((tag) => (tags[tag] === undefined ? [] : [[tag, tags[tag]]])));
  try {
    await client.models.ensure({ experimentId, name, type: "explainer", runId, params, tags: kept });
    return [];
  } catch (error) {
    if (!(error instanceof MlflowError) || error.retryable) throw error;
    return [`run ${name}: the method is not registered (${error.message})`];
  }
}

function heldBy({ runs }: SpooledExperiment): Held {
  const sum = (count: (run: SpooledRun) => number): number => runs.reduce((total, run) => total + count(run), 0);
  return {
    runs: runs.length,
    metricPoints: sum(({ metrics }) => metrics.length),
    params: sum(({ params }) => Object.keys(params).length),
    tags: sum(({ tags }) => Object.keys(tags).length),
    inputs: sum(({ datasets }) => datasets.length),
    artifacts: sum(({ artifacts }) => artifacts.size),
  };
}

async function experimentFor(client: MlflowClient, { name, note }: SpooledExperiment): Promise<Experiment> {
  const found = await client.ensureExperiment(name);
  const noted = found.tags?.some(({ key }) => key === "mlflow.note.content") ?? false;
  if (note && !noted) await client.setExperimentTag(found.experiment_id, "mlflow.note.content", note);
  return found;
}

const runFor = (client: MlflowClient, experimentId: string, { uuid, name, startMs }: SpooledRun, parentRunId?: string): Promise<Run> =>
  client.ensureRun({
    experimentId,
    name,
    startMs,
    identity: { key: "assay.uuid", value: uuid },
    ...(parentRunId !== undefined && { parentRunId }),
  });

const contentOf = (folder: string, { artifacts, ...run }: SpooledRun, tags: RunContent["tags"]): RunContent => ({
  ...run,
  tags,
  artifacts: [...artifacts.values()].map(({ path, file, bytes }) => ({ path, bytes, read: () => readFile(join(folder, file)) })),
});

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

import type { MlflowAddress } from "./address.js";
import { Artifacts } from "./artifacts.js";
import { batches, METRICS_A_BATCH, PAIRS_A_BATCH } from "./batches.js";
import { MlflowError } from "./error.js";
import { LoggedModels } from "./logged-models.js";
import { Transport, type ClientOptions } from "./transport.js";
import { keyValues, type DatasetInput, type Experiment, type Metric, type Run, type RunStatus } from "./types.js";

const RUNS_A_PAGE = 1000;
const POINTS_A_PAGE = 5000;

export interface NewRun {
  readonly experimentId: string;
  readonly name: string;
  /** milliseconds since 1970, whole */
  readonly startMs: number;
  /** a tag of the caller's own, with a value that no other run has: the server gives no way to choose a run's id */
  readonly identity: { readonly key: string; readonly value: string };
  readonly parentRunId?: string;
}

/**
 * An MLflow tracking server, 2.x or 3.x. Every call retries what may be retried; lists come whole, over all pages. Throws MlflowError.
 * The making of experiments and runs looks before each try, since an answer may be lost after the server acted.
 */
export class MlflowClient {
  readonly address: MlflowAddress;
  readonly artifacts: Artifacts;
  readonly models: LoggedModels;
  readonly #transport: Transport;

  constructor(address: MlflowAddress, options: ClientOptions = {}) {
    this.address = address;
    this.#transport = new Transport(address, options);
    this.artifacts = new Artifacts(this.#transport);
    this.models = new LoggedModels(this.#transport);
  }

  async experimentByName(name: string): Promise<Experiment | undefined> {
    try {
      return (await this.#transport.get<{ experiment: Experiment }>("experiments/get-by-name", { experiment_name: name }, "experiment"))
        .experiment;
    } catch (error) {
      if (error instanceof MlflowError && error.reason === "RESOURCE_DOES_NOT_EXIST") return undefined;
      throw error;
    }
  }

  /** Gets the experiment, or makes it; another client may do so at the same time. A deleted one blocks its name, and is an error. */
  async ensureExperiment(name: string): Promise<Experiment> {
    const found = (await this.experimentByName(name)) ?? (await this.#createExperiment(name));
    if (found.lifecycle_stage !== "deleted") return found;
    throw new MlflowError({
      where: this.address.base,
      what: `the experiment '${name}' was deleted there, which blocks its name`,
      next: "Restore it in MLflow, or name another one.",
    });
  }

  async restoreExperiment(experiment_id: string): Promise<void> {
    await this.#transport.post("experiments/restore", { experiment_id });
  }

  async setExperimentTag(experiment_id: string, key: string, value: string): Promise<void> {
    await this.#transport.post("experiments/set-experiment-tag", { experiment_id, key, value });
  }

  /** `filter` in MLflow's language: ``tags.`assay.verdict` = 'late' and params.model = 'cnn'``. Deleted runs only with `deleted`. */
  searchRuns(experiment_ids: readonly string[], filter = "", { deleted = false, orderBy = [] as readonly string[] } = {}): Promise<Run[]> {
    return this.#transport.pages("runs", (page_token) =>
      this.#transport.post<{ runs?: Run[]; next_page_token?: string }>("runs/search", {
        experiment_ids,
        filter,
        run_view_type: deleted ? "ALL" : "ACTIVE_ONLY",
        max_results: RUNS_A_PAGE,
        order_by: orderBy,
        ...(page_token ? { page_token } : {}),
      }),
    );
  }

  run = async (run_id: string): Promise<Run> => (await this.#transport.get<{ run: Run }>("runs/get", { run_id }, "run")).run;

  /**
   * Finds the run by its identity, or makes it; a deleted one is an error. It may come to be there twice: two programs look at the same
   * moment, a proxy sends a request twice, one that was given up arrives late. Then the run that holds most stays, the others are deleted.
   */
  ensureRun(run: NewRun): Promise<Run> {
    const { experimentId, name, startMs, identity, parentRunId } = run;
    const tags = keyValues({ [identity.key]: identity.value, ...(parentRunId !== undefined && { "mlflow.parentRunId": parentRunId }) });
    return this.#transport.retrying(async () => {
      const found = await this.#onlyRun(run);
      if (found) return found;
      const asked = { experiment_id: experimentId, run_name: name, start_time: startMs, tags };
      await this.#transport.postOnce<{ run: Run }>("runs/create", asked, "run");
      const made = await this.#onlyRun(run);
      if (made) return made;
      throw new MlflowError({ where: this.address.base, what: `run ${name} is not there after it was made`, retryable: true });
    });
  }

  async deleteRun(run_id: string): Promise<void> {
    await this.#transport.post("runs/delete", { run_id });
  }

  async updateRun(run: { run_id: string; status: RunStatus; end_time?: number; run_name?: string }): Promise<void> {
    await this.#transport.post("runs/update", run);
  }

  /** Write-once: a value that differs from one that is there is refused by the server. */
  async logParams(run_id: string, params: Readonly<Record<string, string>>): Promise<void> {
    for (const batch of batches(keyValues(params), PAIRS_A_BATCH)) await this.#logBatch({ run_id, params: batch });
  }

  async setTags(run_id: string, tags: Readonly<Record<string, string>>): Promise<void> {
    for (const batch of batches(keyValues(tags), PAIRS_A_BATCH)) await this.#logBatch({ run_id, tags: batch });
  }

  /** The same point with the same timestamp is stored once, however often it is sent. Values must be finite. */
  async logMetrics(run_id: string, metrics: readonly Metric[]): Promise<void> {
    for (const batch of batches(metrics, METRICS_A_BATCH)) await this.#logBatch({ run_id, metrics: batch });
  }

  async logInputs(run_id: string, datasets: readonly DatasetInput[]): Promise<void> {
    await this.#transport.post("runs/log-inputs", { run_id, datasets });
  }

  metricHistory(run_id: string, metric_key: string): Promise<Metric[]> {
    return this.#transport.pages("metrics", (page_token) =>
      this.#transport.get<{ metrics?: Metric[]; next_page_token?: string }>("metrics/get-history", {
        run_id,
        metric_key,
        max_results: String(POINTS_A_PAGE),
        page_token,
      }),
    );
  }

  async #onlyRun({ experimentId, name, identity }: NewRun): Promise<Run | undefined> {
    const all = await this.searchRuns([experimentId], `tags.\`${identity.key}\` = '${identity.value}'`, { deleted: true });
    const [kept, ...surplus] = all.filter(({ info }) => info.lifecycle_stage !== "deleted").sort(fullestFirst);
    for (const { info } of surplus) await this.deleteRun(info.run_id);
    if (kept || !all[0]) return kept;
    const what = `run ${all[0].info.run_id} (${name}) was deleted`;
    throw new MlflowError({ where: this.address.base, what, next: "Restore it there, or run the experiment again." });
  }

  async #createExperiment(name: string): Promise<Experiment> {
    try {
      const { experiment_id } = await this.#transport.post<{ experiment_id: string }>("experiments/create", { name }, "experiment_id");
      return { experiment_id, name, lifecycle_stage: "active" };
    } catch (error) {
      if (!(error instanceof MlflowError) || error.reason !== "RESOURCE_ALREADY_EXISTS") throw error;
      const found = await this.experimentByName(name);
      if (!found) throw error;
      return found;
    }
  }

  async #logBatch(batch: object): Promise<void> {
    await this.#transport.post("runs/log-batch", batch);
  }
}

/** The same order for whoever looks. */
function fullestFirst(a: Run, b: Run): number {
  const size = ({ data: { params = [], tags = [], metrics = [] } }: Run): number => params.length + tags.length + metrics.length;
  return size(b) - size(a) || (a.info.run_id < b.info.run_id ? -1 : 1);
}

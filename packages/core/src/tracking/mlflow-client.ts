import type { MlflowAddress } from "./mlflow-address.js";
import { MlflowError, PATIENCE, parsed, retrying, send } from "./mlflow-request.js";
import type { Call, Patience } from "./mlflow-request.js";

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

export interface Metric {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

export interface Experiment {
  readonly experiment_id: string;
  readonly name: string;
  readonly lifecycle_stage: string;
  readonly tags?: readonly KeyValue[];
}

export interface DatasetInput {
  readonly tags: readonly KeyValue[];
  readonly dataset: {
    readonly name: string;
    readonly digest: string;
    readonly source_type: string;
    readonly source: string;
    readonly profile?: string;
  };
}

export interface Run {
  readonly info: {
    readonly run_id: string;
    readonly run_name?: string;
    readonly experiment_id: string;
    readonly status: string;
    readonly start_time?: number;
    readonly end_time?: number;
    readonly artifact_uri: string;
    readonly lifecycle_stage: string;
  };
  readonly data: { readonly metrics?: readonly Metric[]; readonly params?: readonly KeyValue[]; readonly tags?: readonly KeyValue[] };
  readonly inputs?: { readonly dataset_inputs?: readonly DatasetInput[] };
}

export interface ArtifactFile {
  readonly path: string;
  readonly is_dir: boolean;
  readonly file_size?: number;
}

export interface ClientOptions {
  readonly patience?: Partial<Patience>;
  readonly signal?: AbortSignal;
}

const API = "api/2.0/mlflow";

/** The part of MLflow's REST interface that tracking needs, typed. Every call retries by itself but `createRun`, which is not idempotent. */
export class MlflowClient {
  readonly address: MlflowAddress;
  readonly patience: Patience;
  readonly #signal: AbortSignal | undefined;

  constructor(address: MlflowAddress, options: ClientOptions = {}) {
    this.address = address;
    this.patience = { ...PATIENCE, ...options.patience };
    this.#signal = options.signal;
  }

  async experimentByName(name: string): Promise<Experiment | undefined> {
    try {
      return (await this.#get<{ experiment: Experiment }>("experiments/get-by-name", { experiment_name: name }, "experiment")).experiment;
    } catch (error) {
      if (error instanceof MlflowError && error.reason === "RESOURCE_DOES_NOT_EXIST") return undefined;
      throw error;
    }
  }

  createExperiment = async (name: string): Promise<string> =>
    (await this.#post<{ experiment_id: string }>("experiments/create", { name }, "experiment_id")).experiment_id;

  async setExperimentTag(experiment_id: string, key: string, value: string): Promise<void> {
    await this.#post("experiments/set-experiment-tag", { experiment_id, key, value });
  }

  /** Runs of an experiment by one tag, deleted ones included. */
  runsByTag = (experiment_id: string, key: string, value: string): Promise<Run[]> =>
    this.#pages("runs", (page_token) =>
      this.#post<{ runs?: Run[]; next_page_token?: string }>("runs/search", {
        experiment_ids: [experiment_id],
        filter: `tags.\`${key}\` = '${value}'`,
        run_view_type: "ALL",
        max_results: 1000,
        ...(page_token ? { page_token } : {}),
      }),
    );

  /** Sent once: look for the run before sending again. */
  async createRun(run: { experiment_id: string; run_name: string; start_time: number; tags: readonly KeyValue[] }): Promise<Run> {
    return (await this.#json<{ run: Run }>({ method: "POST", path: `${API}/runs/create`, json: run }, "run")).run;
  }

  run = async (run_id: string): Promise<Run> => (await this.#get<{ run: Run }>("runs/get", { run_id }, "run")).run;

  async updateRun(run: { run_id: string; status: string; end_time?: number; run_name?: string }): Promise<void> {
    await this.#post("runs/update", run);
  }

  async logBatch(batch: {
    run_id: string;
    metrics?: readonly Metric[];
    params?: readonly KeyValue[];
    tags?: readonly KeyValue[];
  }): Promise<void> {
    await this.#post("runs/log-batch", batch);
  }

  async logInputs(run_id: string, datasets: readonly DatasetInput[]): Promise<void> {
    await this.#post("runs/log-inputs", { run_id, datasets });
  }

  metricHistory = (run_id: string, metric_key: string): Promise<Metric[]> =>
    this.#pages("metrics", (page_token) =>
      this.#get<{ metrics?: Metric[]; next_page_token?: string }>("metrics/get-history", {
        run_id,
        metric_key,
        max_results: "5000",
        page_token,
      }),
    );

  listArtifacts = (run_id: string, path: string): Promise<ArtifactFile[]> =>
    this.#pages("files", (page_token) =>
      this.#get<{ files?: ArtifactFile[]; next_page_token?: string }>("artifacts/list", { run_id, path: path || undefined, page_token }),
    );

  /** Through the server's artifact proxy where it has one, else through the route that the web page uses. */
  async putArtifact(run: Run["info"], path: string, bytes: Uint8Array): Promise<void> {
    const proxied = proxyPath(run.artifact_uri);
    const call: Call =
      proxied === undefined
        ? { method: "POST", path: "ajax-api/2.0/mlflow/upload-artifact", query: { run_uuid: run.run_id, path }, bytes }
        : { method: "PUT", path: `api/2.0/mlflow-artifacts/artifacts/${encoded(`${proxied}/${path}`)}`, bytes };
    await this.#retried(() => send(this.address, call, this.patience, this.#signal));
  }

  getArtifact = (run: Run["info"], path: string): Promise<Uint8Array> =>
    this.#retried(() =>
      send(this.address, { method: "GET", path: "get-artifact", query: { run_uuid: run.run_id, path } }, this.patience, this.#signal),
    );

  #retried<T>(attempt: () => Promise<T>): Promise<T> {
    return retrying(attempt, this.patience, this.#signal);
  }

  #get<T>(path: string, query: NonNullable<Call["query"]>, needs?: keyof T & string): Promise<T> {
    return this.#retried(() => this.#json<T>({ method: "GET", path: `${API}/${path}`, query }, needs));
  }

  #post<T = unknown>(path: string, json: unknown, needs?: keyof T & string): Promise<T> {
    return this.#retried(() => this.#json<T>({ method: "POST", path: `${API}/${path}`, json }, needs));
  }

  /** An answer of JSON, or nothing at all (`{}`); cut short it may be asked for again, a page or another shape is an error. */
  async #json<T>(call: Call, needs?: keyof T & string): Promise<T> {
    const text = new TextDecoder().decode(await send(this.address, call, this.patience, this.#signal));
    const answer = text.trim() === "" ? {} : parsed(text);
    if (typeof answer === "object" && answer !== null && (needs === undefined || needs in answer)) return answer as T;
    const page = text.trimStart().startsWith("<");
    const what = page
      ? "a web page came instead of an answer: this is a login page, or not MLflow"
      : "the answer is cut short or not MLflow's";
    throw new MlflowError({ where: `${call.method} ${this.address.base}/${call.path}`, what, status: 200, retryable: !page });
  }

  async #pages<K extends string, T>(
    key: K,
    page: (token: string | undefined) => Promise<{ [P in K]?: T[] } & { next_page_token?: string }>,
  ): Promise<T[]> {
    const all: T[] = [];
    for (let token: string | undefined; ;) {
      const answer = await page(token);
      all.push(...(answer[key] ?? []));
      if (!answer.next_page_token || answer.next_page_token === token) return all;
      token = answer.next_page_token;
    }
  }
}

const encoded = (path: string): string => path.split("/").map(encodeURIComponent).join("/");

/** `mlflow-artifacts:/1/abc/artifacts` → `1/abc/artifacts`; other stores have no proxy path. */
function proxyPath(artifactUri: string): string | undefined {
  return /^mlflow-artifacts:(?:\/\/[^/]*)?\/+(.*)$/.exec(artifactUri)?.[1];
}

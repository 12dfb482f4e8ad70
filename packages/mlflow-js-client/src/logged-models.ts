import { MlflowError } from "./error.js";
import type { Transport } from "./transport.js";
import { keyValues, type KeyValue } from "./types.js";

export interface LoggedModel {
  readonly info: {
    readonly model_id: string;
    readonly experiment_id: string;
    readonly name: string;
    readonly source_run_id?: string;
    readonly status?: string;
    readonly tags?: readonly KeyValue[];
  };
  readonly data?: { readonly params?: readonly KeyValue[] };
}

export interface NewLoggedModel {
  readonly experimentId: string;
  readonly name: string;
  readonly type: string;
  readonly runId: string;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

interface RunOutputs {
  readonly outputs?: { readonly model_outputs?: readonly { readonly model_id: string }[] };
}

const MODELS_A_PAGE = 50;

/** Logged models of MLflow 3. A 2.x server has none: every call then gives `undefined`, and tags of runs have to do. */
export class LoggedModels {
  constructor(private readonly transport: Transport) {}

  /** Finds the model by its run and name, or makes it, ready and linked to the run that it came from. Characters that no name may have become `_`. */
  ensure({ experimentId, name: wanted, type, runId, params, tags }: NewLoggedModel): Promise<LoggedModel | undefined> {
    const name = wanted.replace(/[/:.%"']/g, "_");
    return this.transport.retrying(() =>
      whereSupported(async () => {
        const found = (await this.#search(experimentId, `source_run_id = '${runId}'`)).find(({ info }) => info.name === name);
        if (found?.info.status === "LOGGED_MODEL_READY") return found;
        const asked = {
          experiment_id: experimentId,
          name,
          model_type: type,
          source_run_id: runId,
          params: keyValues(params),
          tags: keyValues(tags),
        };
        const { model } = found ? { model: found } : await this.transport.postOnce<{ model: LoggedModel }>("logged-models", asked, "model");
        const { model_id } = model.info;
        await this.#link(runId, model_id);
        const ready = { model_id, status: "LOGGED_MODEL_READY" };
        return (await this.transport.patch<{ model: LoggedModel }>(`logged-models/${encodeURIComponent(model_id)}`, ready)).model;
      }),
    );
  }

  /** `filter` in MLflow's language: ``tags.`assay.verdict` = 'sensitive' and params.model = 'cnn'``. */
  search(experimentId: string, filter = ""): Promise<LoggedModel[] | undefined> {
    return whereSupported(() => this.#search(experimentId, filter));
  }

  /** A link that is there already is refused with a 400, so it is looked for before and after. */
  async #link(run_id: string, model_id: string): Promise<void> {
    const linked = async (): Promise<boolean> => {
      const { run } = await this.transport.get<{ run: RunOutputs }>("runs/get", { run_id }, "run");
      return run.outputs?.model_outputs?.some((model) => model.model_id === model_id) ?? false;
    };
    if (await linked()) return;
    try {
      await this.transport.postOnce("runs/outputs", { run_id, models: [{ model_id, step: 0 }] });
    } catch (error) {
      if (!(error instanceof MlflowError) || error.status !== 400 || !(await linked())) throw error;
    }
  }

  #search(experimentId: string, filter: string): Promise<LoggedModel[]> {
    return this.transport.pages("models", (page_token) =>
      this.transport.post<{ models?: LoggedModel[]; next_page_token?: string }>("logged-models/search", {
        experiment_ids: [experimentId],
        filter,
        max_results: MODELS_A_PAGE,
        ...(page_token ? { page_token } : {}),
      }),
    );
  }
}

/** A server without the route answers 404 with a web page; one that has it answers with a reason. */
async function whereSupported<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof MlflowError && error.status === 404 && error.reason === undefined) return undefined;
    throw error;
  }
}

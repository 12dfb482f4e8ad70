export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

export interface Metric {
  readonly key: string;
  readonly value: number;
  /** milliseconds since 1970, whole */
  readonly timestamp: number;
  /** whole */
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
    /** at most 36 characters */
    readonly digest: string;
    readonly source_type: string;
    readonly source: string;
    readonly profile?: string;
  };
}

export interface RunInfo {
  readonly run_id: string;
  readonly run_name?: string;
  readonly experiment_id: string;
  readonly status: string;
  readonly start_time?: number;
  readonly end_time?: number;
  readonly artifact_uri: string;
  readonly lifecycle_stage: string;
}

export interface Run {
  readonly info: RunInfo;
  /** the newest point of each metric; `metricHistory` has the others */
  readonly data: { readonly metrics?: readonly Metric[]; readonly params?: readonly KeyValue[]; readonly tags?: readonly KeyValue[] };
  readonly inputs?: { readonly dataset_inputs?: readonly DatasetInput[] };
}

export type RunStatus = "RUNNING" | "SCHEDULED" | "FINISHED" | "FAILED" | "KILLED";

export const keyValues = (entries: Readonly<Record<string, string>>): KeyValue[] =>
  Object.entries(entries).map(([key, value]) => ({ key, value }));

export const recordOf = (entries: readonly KeyValue[] = []): Record<string, string> =>
  Object.fromEntries(entries.map(({ key, value }) => [key, value]));

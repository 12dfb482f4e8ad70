/** Addresses for people. `charts` compares the children; `report` is absent where no report was made. */
export interface RunLinks {
  readonly charts: string;
  readonly run: string;
  readonly report?: string;
}

/** Sorted by a metric, because the web page folds children away, and draws no chart, when it sorts by date. */
export function runLinks(base: string, experimentId: string, parentRunId: string, metric: string | undefined, report: boolean): RunLinks {
  const experiment = `${base}/#/experiments/${encodeURIComponent(experimentId)}`;
  const run = `${experiment}/runs/${encodeURIComponent(parentRunId)}`;
  const query = Object.entries({
    searchFilter: `tags.\`mlflow.parentRunId\` = '${parentRunId}'`,
    orderByKey: metric === undefined ? undefined : `metrics.\`${metric}\``,
    orderByAsc: "false",
    compareRunsMode: "CHART",
    workflowType: "machine_learning",
  }).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${encodeURIComponent(value).replaceAll("'", "%27")}`]));
  return { charts: `${experiment}/runs?${query.join("&")}`, run, ...(report ? { report: `${run}/artifacts/report.html` } : {}) };
}

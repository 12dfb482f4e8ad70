import { imagePaths, Keys, PARAM_LENGTH, TAG_LENGTH, cut, keyOf, leaf, textOf, wholeNumber } from "mlflow-js-client";
import { explainerNote, runNote, stagesByOrder } from "./run-note.js";
import type { CurvePoint, ExplainerSummary, RunStart, RunSummary, SummaryImage, SummaryStatus, SummaryTraining } from "./run-summary.js";
import { childUuid } from "./spool.js";
import type { ArtifactContent, ClosedStatus, MetricPoint, SpoolEvent } from "./spool.js";

/** What is to be written: events, and files of which the spool keeps copies. */
export interface Batch {
  readonly events: SpoolEvent[];
  readonly files: { readonly run: string; readonly path: string; readonly content: ArtifactContent }[];
}

const STATUS: Readonly<Record<SummaryStatus, ClosedStatus>> = { done: "FINISHED", failed: "FAILED", interrupted: "KILLED" };
const COUNTED = ["sensitive", "late", "insensitive", "inconclusive", "irreproducible"];
/** One dataset digest fits 36 characters. */
const DIGEST_LENGTH = 32;

/** The parent run as it can be told before the first instance is computed. */
export function openingBatch(start: RunStart, experiment: string): Batch {
  const batch: Batch = { events: [], files: [] };
  const run = start.uuid;
  batch.events.push({ type: "experiment", name: cut(textOf(experiment), 250), note: cut(textOf(start.question), TAG_LENGTH) });
  batch.events.push({ type: "run-opened", run, name: textOf(start.name), startMs: wholeNumber(start.startedAt) });
  addTags(batch, run, {
    ...sharedTags(start, run, "experiment"),
    "assay.run": start.id,
    "assay.version": start.version,
    "assay.spec.digest": start.specDigest,
    "assay.plan.digest": start.planDigest,
    "assay.backend": start.backend,
    "assay.seed": start.seed,
    "assay.plugins": start.plugins,
    "mlflow.note.content": start.question,
  });
  addParams(batch, run, start.params);
  addDatasets(batch, run, start);
  return batch;
}

/** Everything else: one child an explainer, the verdict counts, the files, and how it ended. */
export function closingBatch(summary: RunSummary): Batch {
  const batch: Batch = { events: [], files: [] };
  const run = summary.uuid;
  const endMs = wholeNumber(summary.endedAt);
  for (const explainer of summary.explainers) addExplainer(batch, summary, explainer);
  addTags(batch, run, { "mlflow.note.content": runNote(summary) });
  const verdicts = summary.explainers.map(({ verdict }) => verdict);
  const counts = [...new Set([...COUNTED, ...verdicts])].map((verdict) => ({
    key: keyOf(`verdicts/${leaf(verdict)}`),
    value: verdicts.filter((other) => other === verdict).length,
    timestamp: endMs,
    step: 0,
  }));
  if (verdicts.length > 0) batch.events.push({ type: "metrics", run, metrics: counts });
  const trained = trainingMetrics(summary.trainings ?? [], endMs);
  if (trained.length > 0) batch.events.push({ type: "metrics", run, metrics: trained });
  addImages(batch, run, summary.images, endMs);
  for (const { path, ...content } of summary.artifacts) batch.files.push({ run, path: keyOf(path), content });
  batch.events.push({ type: "run-closed", run, status: STATUS[summary.status], endMs });
  return batch;
}

function addExplainer(batch: Batch, summary: RunSummary, explainer: ExplainerSummary): void {
  const run = childUuid(summary.uuid, explainer.name);
  const endMs = wholeNumber(summary.endedAt);
  const { metrics, undefinedCount } = curveMetrics(explainer, endMs);
  const stages = stagesByOrder(explainer.curves);
  const [only] = stages.size === 1 ? [...stages.values()] : [];
  batch.events.push({
    type: "run-opened",
    run,
    parent: summary.uuid,
    name: textOf(explainer.name),
    startMs: wholeNumber(summary.startedAt),
  });
  addTags(batch, run, {
    ...sharedTags(summary, run, "explainer"),
    "assay.explainer": explainer.name,
    "assay.uses": explainer.uses,
    "assay.verdict": explainer.verdict,
    "assay.control": explainer.control ?? "false",
    "assay.stages": only ?? Object.fromEntries(stages),
    "assay.undefined": undefinedCount,
    ...(/^#[0-9a-f]{6}$/i.test(explainer.color) ? { "mlflow.runColor": explainer.color } : {}),
    "mlflow.note.content": explainerNote(explainer),
    "mlflow.loggedArtifacts": [{ path: "tables/curves.json", type: "table" }],
  });
  const images = summary.datasets.reduce((total, dataset) => total + dataset.images, 0);
  addParams(batch, run, { explainer: explainer.uses, "explainer.version": explainer.version, images, ...explainer.params });
  addDatasets(batch, run, summary);
  batch.events.push({ type: "metrics", run, metrics });
  addImages(batch, run, explainer.images, endMs);
  batch.files.push({ run, path: "tables/curves.json", content: { text: curveTable(explainer) } });
  batch.events.push({ type: "run-closed", run, status: STATUS[summary.status], endMs });
}

/** Loss and train accuracy by epoch, 1 for the first, and the test accuracy after the last: a chart each, with a line a network. */
function trainingMetrics(trainings: readonly SummaryTraining[], timestamp: number): MetricPoint[] {
  const keys = new Keys();
  return trainings.flatMap(({ name, epochs, testAccuracy }) => {
    const [loss, accuracy, test] = ["train-loss", "train-accuracy", "test-accuracy"].map((what) => keys.of(`${what}/${leaf(name)}`));
    const points = epochs.flatMap((epoch, i) => [
      { key: loss!, value: epoch.loss, timestamp, step: i + 1 },
      { key: accuracy!, value: epoch.accuracy, timestamp, step: i + 1 },
    ]);
    return testAccuracy === undefined ? points : [...points, { key: test!, value: testAccuracy, timestamp, step: epochs.length }];
  });
}

/** Under both names that the web page looks for; the id comes from the picture's place, so that a second writing finds it again. */
function addImages(batch: Batch, run: string, images: readonly SummaryImage[] = [], timestamp: number): void {
  for (const { key, step, png } of images)
    for (const path of imagePaths(leaf(keyOf(key)), step, timestamp, childUuid(run, `${key} ${step}`)))
      batch.files.push({ run, path, content: { bytes: png } });
  if (images.length > 0) addTags(batch, run, { "mlflow.loggedImages": "True" });
}

/** Points of the charts. A score that is not defined is left out and counted: MLflow draws no chart whose last value is NaN. */
function curveMetrics(explainer: ExplainerSummary, timestamp: number): { metrics: MetricPoint[]; undefinedCount: number } {
  const keys = new Keys();
  const metrics: MetricPoint[] = [];
  let undefinedCount = 0;
  const add = (name: string, step: number, value: number | undefined) => {
    if (value !== undefined && Number.isFinite(value)) metrics.push({ key: keys.of(name), value, timestamp, step: wholeNumber(step) });
    else undefinedCount++;
  };
  for (const { order, metric, points, kappa } of explainer.curves) {
    const [section, name] = [leaf(order), leaf(metric)];
    for (const { step, mean, low, high } of points) {
      add(`${section}/${name}`, step, mean);
      if (low !== undefined) add(`uncertainty/${section}.${name}.low`, step, low);
      if (high !== undefined) add(`uncertainty/${section}.${name}.high`, step, high);
    }
    for (const { step, mean } of kappa ?? []) add(`${section}-kappa/${name}`, step, mean);
    const area = order === "independent" ? undefined : areaUnder(points);
    if (area !== undefined) add(`summary/auc.${section}.${name}`, 0, area);
  }
  return { metrics, undefinedCount };
}

/** Mean height of a curve over its stages (trapezoids, unit-free); not defined where a stage is not, nor below two stages. */
function areaUnder(points: readonly CurvePoint[]): number | undefined {
  const sorted = [...points].sort((a, b) => a.step - b.step);
  let area = 0;
  let width = 0;
  for (const [index, right] of sorted.entries()) {
    if (right.mean === undefined || !Number.isFinite(right.mean)) return undefined;
    const left = sorted[index - 1];
    if (left?.mean === undefined) continue;
    area += ((left.mean + right.mean) / 2) * (right.step - left.step);
    width += right.step - left.step;
  }
  return width > 0 ? area / width : undefined;
}

function curveTable(explainer: ExplainerSummary): string {
  const columns = ["order", "metric", "step", "stage", "mean", "low", "high", "kappa", "kappa low", "kappa high"];
  const data = explainer.curves.flatMap(({ order, metric, points, kappa }) =>
    points.map(({ step, stage, mean, low, high }) => {
      const corrected = kappa?.find((point) => point.step === step);
      const numbers = [mean, low, high, corrected?.mean, corrected?.low, corrected?.high];
      return [order, metric, step, stage, ...numbers.map((value) => value ?? null)];
    }),
  );
  return `${JSON.stringify({ columns, data })}\n`;
}

const sharedTags = (start: RunStart, run: string, kind: "experiment" | "explainer"): Record<string, unknown> => ({
  "assay.uuid": run,
  "assay.kind": kind,
  "assay.model": start.model,
  "mlflow.source.name": start.source,
  "mlflow.source.type": "LOCAL",
  ...(start.git ? { "mlflow.source.git.commit": start.git.commit, "assay.git.dirty": start.git.dirty } : {}),
});

function addDatasets(batch: Batch, run: string, { datasets }: RunStart): void {
  for (const { name, digest, images, source } of datasets) {
    const profile = JSON.stringify({ images });
    const dataset = {
      name: textOf(name),
      digest: digest.slice(0, DIGEST_LENGTH),
      sourceType: "assay",
      source: JSON.stringify({ uses: textOf(source) }),
    };
    batch.events.push({ type: "dataset", run, dataset: { ...dataset, profile, context: "evaluation" } });
  }
}

const addTags = (batch: Batch, run: string, tags: Readonly<Record<string, unknown>>): void => {
  batch.events.push({ type: "tags", run, tags: texts(batch, run, "tag", tags, TAG_LENGTH) });
};

const addParams = (batch: Batch, run: string, params: Readonly<Record<string, unknown>>): void => {
  batch.events.push({ type: "params", run, params: texts(batch, run, "param", params, PARAM_LENGTH) });
};

/** Strings that MLflow takes; one that is too long is cut visibly, and kept whole as an artifact. */
function texts(batch: Batch, run: string, kind: string, values: Readonly<Record<string, unknown>>, length: number): Record<string, string> {
  const keys = new Keys();
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const [key, text] = [keys.of(name), textOf(value)];
      if (text.length > length) batch.files.push({ run, path: keyOf(`overlong/${kind}.${leaf(key)}.txt`), content: { text } });
      return [key, cut(text, length)];
    }),
  );
}

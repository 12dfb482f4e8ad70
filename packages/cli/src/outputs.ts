import { mkdir, readlink, rename, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plan, RunOutcome } from "@assay/core";
import { stringify } from "csv-stringify/sync";

/** The columns of `scores.csv`, one row a score; where several nodes score maps against maps, `node` comes last. */
export const SCORE_COLUMNS = [
  "metric",
  "view",
  "explainer",
  "draw",
  "stage",
  "stage_index",
  "image",
  "target",
  "value",
  "ties",
  "reason",
] as const;

/** All scores of maps against maps (chance versions are summed up in `verdicts.json`), in plan order. */
export async function scoresCsv(plan: Plan, outcome: RunOutcome): Promise<string> {
  const rows: (string | number)[][] = [];
  const nodes = new Set<string>();
  for await (const { instance, group } of outcome.scores()) {
    const perturbed = instance.inputs.find(({ port }) => port === "b")?.instances[0];
    if (perturbed !== undefined && plan.instances.get(perturbed)?.plugin.definition.kind === "surrogate") continue;
    const { metric = group.metric.name, explainer = "", draw = "", stage = "" } = group.axes;
    const axes = plan.nodeAxes?.get(instance.node) ?? [...plan.axes.values()];
    const index = axes.find(({ name }) => name === "stage")?.values.indexOf(stage) ?? -1;
    nodes.add(instance.node);
    for (const { image, target, value, ties, reason } of group.scores) {
      rows.push([
        metric,
        group.view,
        explainer,
        draw,
        stage,
        index < 0 ? "" : index,
        image,
        target,
        value ?? "",
        ties,
        reason ?? "",
        instance.node,
      ]);
    }
  }
  const columns = [...SCORE_COLUMNS, ...(nodes.size > 1 ? ["node"] : [])];
  return stringify(
    rows.map((row) => row.slice(0, columns.length)),
    { header: true, columns },
  );
}

/** Everything needed to make the same bytes again: nothing in it depends on the time or the machine's paths. */
export function lockOf(plan: Plan, { trainings }: RunOutcome, versions: Readonly<Record<string, string>>): unknown {
  const instances = [...plan.instances.values()];
  const plugins = new Map(instances.map(({ plugin }) => [plugin.id, { version: plugin.definition.version, code: plugin.codeDigest }]));
  const digests = (kind: string) =>
    Object.fromEntries(
      instances.filter(({ plugin }) => plugin.definition.kind === kind).map(({ id, keyParts }) => [id, keyParts[kind] ?? ""]),
    );
  return {
    assay: 1,
    name: plan.name,
    seed: plan.seed,
    backend: plan.backend,
    versions,
    ...(plan.preset !== undefined && { preset: plan.preset }),
    params: plan.params,
    plugins: Object.fromEntries([...plugins].sort(([a], [b]) => (a < b ? -1 : 1))),
    models: digests("model"),
    ...(trainings.length > 0 && { trainings: Object.fromEntries(trainings.map(({ instance, facts }) => [instance.id, facts.digest])) }),
    datasets: digests("dataset"),
    keys: Object.fromEntries(instances.map(({ id, key }) => [id, key])),
  };
}

/** Makes the run's folder with its files, and points `runs/<name>/latest` at it. */
export async function writeOutputs(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
}

export async function pointLatest(parent: string, runId: string): Promise<void> {
  const link = join(parent, "latest");
  if ((await readlink(link).catch(() => undefined)) === runId) return;
  const temporary = join(parent, `.latest-${process.pid}`);
  await unlink(temporary).catch(() => undefined);
  await symlink(runId, temporary);
  await rename(temporary, link);
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { localRuns } from "@assay/core";
import type { Verdicts } from "@assay/report";
import { MlflowClient, mlflowAddress } from "mlflow-js-client";
import { parse } from "yaml";
import { findRunFolder, unknownRun } from "./find-run.js";

/** The files of a run that a comparison reads. */
export interface RunFiles {
  readonly spec: unknown;
  readonly lock: unknown;
  readonly verdicts: Verdicts;
}

interface Where {
  readonly cwd: string;
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A run of this machine (folder, experiment, id), or one on the server at MLFLOW_TRACKING_URI by MLflow's run id. */
export async function readRun(name: string, { cwd, root, env }: Where): Promise<RunFiles> {
  const byId = localRuns(root).findLast(({ id }) => id === name);
  const folder = findRunFolder(cwd, root, byId ? `${byId.parent.name}/${byId.id}` : name);
  if (folder !== undefined) return filesOf((file) => Promise.resolve(readFileSync(join(folder, file), "utf8")));
  const uri = env["MLFLOW_TRACKING_URI"];
  if (!uri || !/^[0-9a-f]{32}$/.test(name)) throw unknownRun(name);
  const client = new MlflowClient(mlflowAddress(uri, env));
  const { info } = await client.run(name);
  return filesOf(async (file) => new TextDecoder().decode(await client.artifacts.get(info, file)));
}

async function filesOf(read: (file: string) => Promise<string>): Promise<RunFiles> {
  const [spec, lock, verdicts] = await Promise.all(["spec.resolved.yaml", "lock.json", "verdicts.json"].map(read));
  return { spec: parse(spec!) as unknown, lock: JSON.parse(lock!) as unknown, verdicts: JSON.parse(verdicts!) as Verdicts };
}

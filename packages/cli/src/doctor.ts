import { execFile } from "node:child_process";
import { statfs } from "node:fs/promises";
import { promisify } from "node:util";
import { backendAvailable, startBackend } from "@assay/network";
import type { Io } from "./io.js";

export interface Finding {
  readonly name: string;
  /** `optional`: missing, and only some things need it */
  readonly state: "ok" | "missing" | "optional";
  readonly detail: string;
  /** what to type */
  readonly fix?: string;
}

const execute = promisify(execFile);
const first = (text: string): string => text.trim().split("\n")[0] ?? "";

/** The first line that a program prints of itself, or nothing where it does not run. */
async function versionOf(program: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await execute(program, args, { timeout: 15_000 });
    return first(stdout || stderr);
  } catch {
    return undefined;
  }
}

function node(version: string): Finding {
  const major = Number(version.split(".")[0]);
  if (major === 20 || major === 22) return { name: "Node", state: "ok", detail: version };
  return { name: "Node", state: "missing", detail: `${version}, and Assay runs on 20 and 22`, fix: "Install Node 22, then `npm run setup`." };
}

async function backends(): Promise<Finding[]> {
  const native = await startBackend("tensorflow").then(
    ({ version }): Finding => ({ name: "native library", state: "ok", detail: `TensorFlow ${version}` }),
    (error: unknown): Finding => ({
      name: "native library",
      state: "optional",
      detail: `${first(error instanceof Error ? error.message : String(error))} wasm computes, about 5 times slower.`,
      fix: "Install g++, make and python3 with pip, then `node scripts/setup.mjs --again`.",
    }),
  );
  const wasm: Finding = backendAvailable("wasm")
    ? { name: "wasm backend", state: "ok", detail: "installed" }
    : { name: "wasm backend", state: "missing", detail: "not installed", fix: "npm run setup" };
  return [native, wasm];
}

async function python(): Promise<Finding> {
  const version = await versionOf("python3", "--version");
  if (version !== undefined) return { name: "Python", state: "ok", detail: version };
  return { name: "Python", state: "optional", detail: "not found: tests against MLflow and the pip wheel need it", fix: "Install python3 (3.10 or later) with venv and pip." };
}

async function chromium(env: Io["env"]): Promise<Finding> {
  const version = await versionOf(env["CHROMIUM"] ?? "chromium", "--version");
  if (version !== undefined) return { name: "Chromium", state: "ok", detail: version };
  return { name: "Chromium", state: "optional", detail: "not found: only the browser test of the report needs it", fix: "apt-get install chromium, or name it in CHROMIUM." };
}

async function mlflow(env: Io["env"]): Promise<Finding> {
  const uri = env["MLFLOW_TRACKING_URI"];
  if (!uri) return { name: "MLflow", state: "ok", detail: "MLFLOW_TRACKING_URI is not set: runs stay in .assay/runs" };
  const shown = uri.replace(/\/\/[^@/]*@/, "//");
  const answer = await fetch(`${shown.replace(/\/$/, "")}/health`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  if (answer?.ok) return { name: "MLflow", state: "ok", detail: `${shown} answers` };
  return { name: "MLflow", state: "optional", detail: `${shown} does not answer: runs are kept and can be sent later`, fix: "Start the server, or check MLFLOW_TRACKING_URI." };
}

async function disk(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  const gigabytes = (bavail * bsize) / 1e9;
  const detail = `${gigabytes.toFixed(1)} GB free`;
  return gigabytes > 3 ? { name: "disk", state: "ok", detail } : { name: "disk", state: "optional", detail, fix: "`assay gc --max 1G` shrinks the store." };
}

/** What is there, what is missing, and what to type. Only a `missing` thing keeps Assay from running. */
export async function diagnose({ env, cwd }: Pick<Io, "env" | "cwd">): Promise<Finding[]> {
  const findings = await Promise.all([backends(), python(), chromium(env), mlflow(env), disk(cwd)]);
  return [node(process.versions.node), ...findings.flat()];
}

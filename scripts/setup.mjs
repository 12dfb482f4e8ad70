// All that a bare machine with Node and npm needs before `npm start` or `npm test` can work. A second call takes seconds.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "./cache.mjs";
import { getNative } from "./native.mjs";
import { command, step } from "./step.mjs";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const stampFile = join(root, "node_modules", ".assay-setup.json");

export async function setUp() {
  checkNode();
  const stamp = JSON.parse(await readFile(stampFile, "utf8").catch(() => "{}"));
  const dependencies = await digestOf(await manifests(), (file) => readFile(file));
  if (stamp.dependencies !== dependencies) {
    await step("dependencies (pnpm)", installDependencies);
    await keep({ dependencies });
    stamp.native = undefined;
  }
  if (stamp.native !== process.versions.modules) {
    let native;
    await step("native TensorFlow library", async () => {
      native = await getNative(root);
      return native.works ? native.how : "none, so wasm computes: right, but about 5 times slower";
    });
    if (!native.works) {
      process.stderr.write(`  ${native.how}\n  \`npx --no-install assay doctor\` says what to type.\n`);
      if (process.env.CI === "true") throw new Error("CI=true demands the native library");
    }
    await keep({ dependencies, native: native.works ? process.versions.modules : undefined });
  }
  const sources = await digestOf(await sourceFiles(), async (file) => {
    const { mtimeMs, size } = await stat(file);
    return `${mtimeMs} ${size}`;
  });
  if (stamp.sources !== sources || !existsSync(join(root, "packages", "cli", "dist", "index.js"))) {
    await step("build (tsc)", () => command(process.execPath, [tool("typescript", "bin/tsc"), "-b"], { cwd: root }).then(() => ""));
    await keep({ sources });
  }
}

/** The file of an installed tool. */
export const tool = (name, file) => join(root, "node_modules", name, file);

function checkNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major === 20 || major === 22) return;
  throw new Error(`Assay runs on Node 20 and 22; this is ${process.versions.node}. (tfjs-node calls a function that Node 23 no longer has.)`);
}

async function installDependencies() {
  const { packageManager } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const folder = join(cacheFolder(), packageManager.replace("@", "-"));
  const pnpm = join(folder, "node_modules", "pnpm", "bin", "pnpm.cjs");
  if (!existsSync(pnpm)) {
    await mkdir(folder, { recursive: true });
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    await command(npm, ["install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", packageManager]);
  }
  await command(process.execPath, [pnpm, "install", "--frozen-lockfile"], { cwd: root, env: { ...process.env, CI: "true" } });
}

async function manifests() {
  const packages = await readdir(join(root, "packages"));
  return ["pnpm-lock.yaml", "package.json", ...packages.map((name) => `packages/${name}/package.json`)]
    .map((file) => join(root, file))
    .filter((file) => existsSync(file));
}

async function sourceFiles() {
  const packages = await readdir(join(root, "packages"));
  const found = await Promise.all(
    packages.map(async (name) => {
      const folder = join(root, "packages", name);
      const sources = await readdir(join(folder, "src"), { recursive: true });
      return [join(folder, "tsconfig.json"), ...sources.filter((file) => file.endsWith(".ts")).map((file) => join(folder, "src", file))];
    }),
  );
  return [join(root, "tsconfig.base.json"), ...found.flat()].sort();
}

async function digestOf(files, content) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(relative(root, file)).update(await content(file));
  return hash.digest("hex");
}

async function keep(more) {
  const old = JSON.parse(await readFile(stampFile, "utf8").catch(() => "{}"));
  await writeFile(stampFile, JSON.stringify({ ...old, ...more }));
}

/** Runs a script's work with a one-line error and its exit code. */
export async function script(work) {
  try {
    await work();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.code > 0 ? error.code : 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await script(async () => {
    if (process.argv.includes("--again")) await rm(stampFile, { force: true });
    await setUp();
  });
}

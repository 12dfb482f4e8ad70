// All that a bare machine with Node and npm needs before `npm start` or `npm test` can work. A second call takes seconds.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { alone, atomically } from "./atomic.mjs";
import { cacheFolder } from "./cache.mjs";
import { getNative, nativeInPlace } from "./native.mjs";
import { command, note, step } from "./step.mjs";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const stampFile = join(root, "node_modules", ".assay-setup.json");

/** Each part is left out when its stamp says that nothing changed. Two set-ups of one checkout go one after the other. */
export async function setUp() {
  checkNode();
  await alone(
    join(root, ".cache", "set-up.lock"),
    () => note("waiting for another set-up of this checkout"),
    async () => {
      await dependencies();
      await nativeLibrary();
      await build();
    },
  );
}

async function dependencies() {
  const digest = await digestOf(await manifests(), (file) => readFile(file));
  if ((await stamp()).dependencies === digest) return;
  await step("dependencies (pnpm install, from the lock file)", installDependencies);
  await writeFile(stampFile, JSON.stringify({ dependencies: digest }));
}

async function nativeLibrary() {
  const abi = process.versions.modules;
  const demanded = process.env.CI === "true";
  let { native } = await stamp();
  if (native?.abi !== abi || (native.works && !(await nativeInPlace(root))) || (demanded && !native.works)) {
    await step("native TensorFlow library", async () => {
      native = { abi, ...(await getNative(root)) };
      return native.works ? native.how : "none";
    });
    await keep({ native });
  }
  if (native.works) return;
  note(
    "without TensorFlow's native library no network can be trained; maps are computed by onnxruntime (`npx --no-install assay doctor` says what to type)",
  );
  if (demanded) throw new Error(`CI=true demands the native library: ${native.how}`);
}

async function build() {
  const sources = await digestOf(await sourceFiles(), async (file) => {
    const { mtimeMs, size } = await stat(file);
    return `${mtimeMs} ${size}`;
  });
  const packages = await readdir(join(root, "packages"));
  const built = packages.every((name) => existsSync(join(root, "packages", name, "dist", "index.js")));
  if (built && (await stamp()).sources === sources) return;
  await step("build (tsc)", () => command(process.execPath, [tool("typescript", "bin/tsc"), "-b"], { cwd: root }).then(() => ""));
  await keep({ sources });
}

const stamp = async () => JSON.parse(await readFile(stampFile, "utf8").catch(() => "{}"));
const keep = async (more) => writeFile(stampFile, JSON.stringify({ ...(await stamp()), ...more }));

/** The file of an installed tool. */
export const tool = (name, file) => join(root, "node_modules", name, file);

function checkNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major === 20 || major === 22) return;
  throw new Error(
    `Assay runs on Node 20 and 22; this is ${process.versions.node}. (tfjs-node calls a function that Node 23 no longer has.)`,
  );
}

/** pnpm comes through npm into the cache, in the version that the lock file was written with; none needs to be installed. */
async function installDependencies() {
  const { packageManager } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const folder = join(cacheFolder(), packageManager.replace("@", "-"));
  if (!existsSync(folder)) {
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    note(`${packageManager} through npm, into ${folder}`);
    await atomically(folder, async (temporary) => {
      await mkdir(temporary, { recursive: true });
      await command(npm, ["install", "--prefix", temporary, "--no-save", "--no-audit", "--no-fund", packageManager]);
    });
  }
  const pnpm = join(folder, "node_modules", "pnpm", "bin", "pnpm.cjs");
  // With CI set pnpm asks no question. Build scripts of dependencies are not run: none of ours needs one but tfjs-node, whose turn comes next.
  const env = { ...process.env, CI: "true" };
  await command(process.execPath, [pnpm, "install", "--frozen-lockfile", "--ignore-scripts"], { cwd: root, env });
}

async function manifests() {
  const packages = await readdir(join(root, "packages"));
  return ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...packages.map((name) => `packages/${name}/package.json`)]
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

/** Runs a script's work with a one-line error and its exit code. */
export async function script(work) {
  try {
    await work();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = Number.isInteger(error.code) && error.code > 0 ? error.code : 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await script(async () => {
    if (process.argv.includes("--again")) await rm(stampFile, { force: true });
    await setUp();
  });
}

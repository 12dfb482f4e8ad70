// Gets TensorFlow's native library for tfjs-node. Nothing here fails an install: without the library, wasm computes.
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, lstat, mkdir, readFile, realpath, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { cacheFolder } from "./cache.mjs";
import { command } from "./step.mjs";

const WHEEL = "tensorflow-cpu==2.21.0";
const LIBRARIES = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];
/** name under which the build looks for a library → the library */
const LINKS = {
  "libtensorflow_cc.so.2": "libtensorflow_cc.so.2",
  "libtensorflow_framework.so.2": "libtensorflow_framework.so.2",
  "libtensorflow.so": "libtensorflow_cc.so.2",
  "libtensorflow.so.2": "libtensorflow_cc.so.2",
  "libtensorflow_framework.so": "libtensorflow_framework.so.2",
};

const PROBE = `
  const tf = await import("@tensorflow/tfjs-node");
  const product = tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).dataSync()[0];
  if (product !== 11) throw new Error("a product came out wrong: " + product);
`;

/** Whether tfjs-node loads and multiplies, asked of a process of its own. */
export async function nativeWorks(root) {
  const cwd = join(root, "packages", "network");
  return command(process.execPath, ["--input-type=module", "-e", PROBE], { cwd, timeoutMs: 60_000 }).then(
    () => true,
    () => false,
  );
}

/** Tries the ways in their order; says which one worked, or why none did. */
export async function getNative(root) {
  if (await nativeWorks(root)) return { works: true, how: "already there" };
  const link = join(root, "packages", "network", "node_modules", "@tensorflow", "tfjs-node");
  if (!existsSync(link)) return { works: false, how: "tfjs-node is not installed" };
  const folder = await realpath(link);
  const failures = [];
  for (const [name, way] of [["its own prebuilt library", prebuilt], [`the pip wheel ${WHEEL}`, fromWheel]]) { // prettier-ignore
    try {
      process.stderr.write(`  trying ${name}\n`);
      await way(folder);
      if (await nativeWorks(root)) return { works: true, how: name };
      failures.push(`${name}: built, but does not load`);
    } catch (error) {
      failures.push(`${name}: ${error.message.trim().split("\n")[0]}`);
    }
    process.stderr.write(`  not possible: ${failures.at(-1)}\n`);
  }
  return { works: false, how: failures.join("; ") };
}

/** tfjs-node's own installer, where the host that it downloads from answers. */
async function prebuilt(folder) {
  const { binary } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  await fetch(binary.host, { method: "HEAD", signal: AbortSignal.timeout(8_000) }).catch(() => {
    throw new Error("its host is not reached from here");
  });
  await command(process.execPath, ["scripts/install.js"], { cwd: folder, timeoutMs: 600_000 });
}

/** TensorFlow's library out of the Python wheel, and the binding built against it. */
async function fromWheel(folder) {
  if (process.platform !== "linux" || process.arch !== "x64") throw new Error(`there is no such wheel for ${process.platform} ${process.arch}`);
  const library = await unpackedWheel();
  const deps = join(folder, "deps");
  await mkdir(join(deps, "lib"), { recursive: true });
  await relink(join(library, "include"), join(deps, "include"));
  for (const [name, target] of Object.entries(LINKS)) await relink(join(library, target), join(deps, "lib", name));
  const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const built = join(library, `binding-${version}-napi-v8`);
  const place = join(folder, "lib", "napi-v8");
  if (existsSync(built)) {
    await mkdir(dirname(place), { recursive: true });
    await rm(place, { recursive: true, force: true });
    await cp(built, place, { recursive: true });
    return;
  }
  const gyp = createRequire(join(folder, "package.json")).resolve("@mapbox/node-pre-gyp/bin/node-pre-gyp");
  const prefix = dirname(dirname(await realpath(process.execPath)));
  const headers = existsSync(join(prefix, "include", "node")) ? [`--nodedir=${prefix}`] : [];
  await command(process.execPath, [gyp, "install", "--build-from-source", ...headers], { cwd: folder, timeoutMs: 600_000 });
  await atomically(built, (temporary) => cp(place, temporary, { recursive: true }));
}

/** The folder with `include/` and the libraries, downloaded and unpacked once a machine; safe beside another set-up. */
async function unpackedWheel() {
  const final = join(cacheFolder(), "native", WHEEL.replace("==", "-"));
  if (existsSync(final)) return final;
  await atomically(final, async (temporary) => {
    await mkdir(temporary, { recursive: true });
    process.stderr.write(`  downloading ${WHEEL} (274 MB) and unpacking it into ${final}\n`);
    const platform = ["--only-binary=:all:", "--python-version", "3.11", "--platform", "manylinux_2_27_x86_64"];
    await command("python3", ["-m", "pip", "download", "--no-deps", "--quiet", ...platform, "--dest", temporary, WHEEL], { timeoutMs: 1_200_000 });
    await writeFile(join(temporary, "unpack.py"), UNPACK);
    await command("python3", ["unpack.py", ...LIBRARIES], { cwd: temporary });
    await rm(join(temporary, "unpack.py"));
  });
  return final;
}

const UNPACK = `
import glob, os, shutil, sys, zipfile
wheel = glob.glob("*.whl")[0]
with zipfile.ZipFile(wheel) as archive:
    wanted = [name for name in archive.namelist() if name.startswith("tensorflow/include/") or os.path.basename(name) in sys.argv[1:]]
    archive.extractall(".", wanted)
for name in ["include", *sys.argv[1:]]:
    shutil.move(os.path.join("tensorflow", name), name)
shutil.rmtree("tensorflow")
os.remove(wheel)
`;

/** Makes a folder beside its place and renames it there: it appears whole or not at all. */
async function atomically(final, make) {
  const temporary = `${final}.${randomUUID()}.tmp`;
  await mkdir(dirname(final), { recursive: true });
  try {
    await make(temporary);
    await rename(temporary, final);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!existsSync(final)) throw error;
  }
}

async function relink(target, path) {
  if (await lstat(path).catch(() => undefined)) await unlink(path).catch(() => rm(path, { recursive: true }));
  await symlink(target, path);
}

// Gets TensorFlow's native library for tfjs-node. Nothing here fails an install: without the library onnxruntime computes, and nothing is trained.
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { atomically } from "./atomic.mjs";
import { command, note } from "./step.mjs";
import { unpackedWheel, WHEEL } from "./wheel.mjs";

/** name under which the build looks for a library → the library */
const LINKS = {
  "libtensorflow_cc.so.2": "libtensorflow_cc.so.2",
  "libtensorflow_framework.so.2": "libtensorflow_framework.so.2",
  "libtensorflow.so": "libtensorflow_cc.so.2",
  "libtensorflow.so.2": "libtensorflow_cc.so.2",
  "libtensorflow_framework.so": "libtensorflow_framework.so.2",
};
const FIRST_BYTE_MS = 20_000;

const PROBE = `
  const tf = await import("@tensorflow/tfjs-node");
  const product = tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).dataSync()[0];
  if (tf.getBackend() !== "tensorflow" || product !== 11) throw new Error("a product came out wrong: " + product);
`;

const placeOf = (root) => join(root, "packages", "network", "node_modules", "@tensorflow", "tfjs-node");

/** Whether tfjs-node loads and multiplies, asked of a process of its own. */
async function works(root) {
  const cwd = join(root, "packages", "network");
  return command(process.execPath, ["--input-type=module", "-e", PROBE], { cwd, timeoutMs: 120_000 }).then(
    () => true,
    () => false,
  );
}

/** Whether the files that once worked are still where they were: a cache folder may have been emptied since. */
export async function nativeInPlace(root) {
  const folder = placeOf(root);
  const bindings = await readdir(join(folder, "lib")).catch(() => []);
  const libraries = await readdir(join(folder, "deps", "lib")).catch(() => []);
  return bindings.length > 0 && libraries.length > 0 && libraries.every((name) => existsSync(join(folder, "deps", "lib", name)));
}

/** Tries the ways in their order; says which one worked, or why none did. */
export async function getNative(root) {
  const place = placeOf(root);
  if (!existsSync(place)) return { works: false, how: "tfjs-node is not installed" };
  if ((await nativeInPlace(root)) && (await works(root))) return { works: true, how: "already there" };
  const folder = await realpath(place);
  const failures = [];
  for (const [name, way] of [
    ["tfjs-node's own prebuilt library", prebuilt],
    [`the pip wheel ${WHEEL}`, fromWheel],
  ]) {
    note(`trying ${name}`);
    try {
      await way(folder, () => works(root));
      if (await works(root)) return { works: true, how: name };
      failures.push(`${name}: built, but does not load`);
    } catch (error) {
      failures.push(`${name}: ${gist(error)}`);
    }
    note(`not possible: ${failures.at(-1)}`);
  }
  return { works: false, how: failures.join("; ") };
}

/** Of a long output the line that says why; else the first. */
function gist({ message }) {
  const [first, ...rest] = message.trim().split("\n");
  const telling = [/^\s*\w*Error: /, /not found|fatal error|no space/i, /error/i];
  const why = telling.map((pattern) => rest.find((line) => pattern.test(line))).find(Boolean);
  return (why ?? first).trim();
}

/** tfjs-node's own installer, which is given up when it has received nothing for a while. It edits the package's manifest: that is undone. */
async function prebuilt(folder) {
  const manifest = join(folder, "package.json");
  const before = await readFile(manifest);
  // A file of its own: pnpm may have linked it to the copy that all projects of the machine share.
  await writeFile(`${manifest}.tmp`, before);
  await rename(`${manifest}.tmp`, manifest);
  await clear(folder);
  const slow = new AbortController();
  const timer = setTimeout(async () => {
    const received = await readdir(join(folder, "deps")).catch(() => []);
    if (received.length === 0) slow.abort(new Error(`had received nothing after ${FIRST_BYTE_MS / 1000} s`));
  }, FIRST_BYTE_MS);
  const tools = [join(folder, "node_modules", ".bin"), join(folder, "..", "..", ".bin"), process.env.PATH].join(delimiter);
  const env = { ...process.env, ...(await headers()), PATH: tools };
  try {
    await command(process.execPath, [join("scripts", "install.js")], { cwd: folder, env, timeoutMs: 900_000, signal: slow.signal });
  } catch (error) {
    await clear(folder);
    throw error;
  } finally {
    clearTimeout(timer);
    await writeFile(manifest, before);
  }
}

/** TensorFlow's library out of the Python wheel, and the binding built against it: once a machine, then copied. */
async function fromWheel(folder, loads) {
  const library = await unpackedWheel();
  await clear(folder);
  await mkdir(join(folder, "deps", "lib"), { recursive: true });
  await symlink(join(library, "include"), join(folder, "deps", "include"));
  for (const [name, target] of Object.entries(LINKS)) await symlink(join(library, target), join(folder, "deps", "lib", name));
  const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const kept = join(library, `binding-${version}-abi-${process.versions.modules}`);
  const lib = join(folder, "lib");
  if (existsSync(kept)) {
    await cp(kept, lib, { recursive: true });
    if (await loads()) return;
    note("the binding that another set-up built does not load here: building it again");
    await Promise.all([lib, kept].map((path) => rm(path, { recursive: true, force: true })));
  }
  note("building the binding (about 10 s)");
  const gyp = createRequire(join(folder, "package.json")).resolve("@mapbox/node-pre-gyp/bin/node-pre-gyp");
  const env = { ...process.env, ...(await headers()) };
  const nodedir = env.npm_config_nodedir ? [`--nodedir=${env.npm_config_nodedir}`] : [];
  await command(process.execPath, [gyp, "install", "--build-from-source", ...nodedir], { cwd: folder, env, timeoutMs: 600_000 });
  if (await loads()) await atomically(kept, (temporary) => cp(lib, temporary, { recursive: true }));
}

/** Where the running Node brought its headers along, a build need not download them. */
async function headers() {
  const prefix = dirname(dirname(await realpath(process.execPath)));
  return existsSync(join(prefix, "include", "node", "node_api.h")) ? { npm_config_nodedir: prefix } : {};
}

async function clear(folder) {
  for (const name of ["deps", "lib", "build"]) await rm(join(folder, name), { recursive: true, force: true });
}

// npm run fashion-mnist: puts the four files of Fashion-MNIST into the cache folder. `dataset/fashion-mnist` checks their digests.
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { atomically } from "./atomic.mjs";
import { cacheFolder } from "./cache.mjs";
import { script } from "./setup.mjs";
import { command, note, step } from "./step.mjs";

const FILES = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"].map((name) => `${name}-ubyte.gz`);
const PACKAGE = "dataset-fashion-mnist";
const INSTALLED = "usr/share/datasets/fashion-mnist";
const HOME = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com";
const TIMEOUT_MS = 600_000;

/** Tries the ways in their order; returns which one worked, or that nothing was to do. */
export async function getFashionMnist() {
  const final = join(cacheFolder(), "fashion-mnist");
  if (existsSync(join("/", INSTALLED)) || existsSync(final)) return "already there";
  const failures = [];
  for (const [name, way] of [
    ["Debian's package", fromDebian],
    ["its authors' server", fromHome],
  ]) {
    note(`trying ${name} (31 MB)`);
    try {
      await atomically(final, way);
      return name;
    } catch (error) {
      failures.push(`${name}: ${error.message.split("\n")[0]}`);
    }
  }
  throw new Error(`Fashion-MNIST cannot be had: ${failures.join("; ")}. Put its four files into ${final}.`);
}

/** Downloaded and unpacked, not installed: no root needed. */
async function fromDebian(folder) {
  const scratch = await mkdtemp(join(cacheFolder(), `${PACKAGE}-`));
  try {
    await command("apt-get", ["download", PACKAGE], { cwd: scratch, timeoutMs: TIMEOUT_MS });
    const archive = (await readdir(scratch)).find((file) => file.endsWith(".deb"));
    await command("dpkg-deb", ["-x", archive, "."], { cwd: scratch, timeoutMs: TIMEOUT_MS });
    await rename(join(scratch, INSTALLED), folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function fromHome(folder) {
  await mkdir(folder);
  for (const file of FILES) {
    const answer = await fetch(`${HOME}/${file}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!answer.ok) throw new Error(`${file}: HTTP ${answer.status}`);
    await writeFile(join(folder, file), answer.body);
  }
}

if (process.argv[1] === import.meta.filename) await script(() => step("Fashion-MNIST", getFashionMnist));

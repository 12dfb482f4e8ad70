import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const digests = new Map<string, Promise<string>>();

/** hex SHA-256 of every code file in a folder, by relative path; computed once in a process. */
export function folderDigest(folder: string): Promise<string> {
  const known = digests.get(folder) ?? digest(folder);
  digests.set(folder, known);
  return known;
}

const core = join(dirname(fileURLToPath(import.meta.url)), "..");

/** What every result is made of besides a plugin's own code: the contract it imports (views, streams of random numbers), and the engine that calls it. */
export const surroundingsDigest = async (): Promise<string> =>
  (await Promise.all(["plugin", "engine"].map((folder) => folderDigest(join(core, folder))))).join(" ");

async function digest(folder: string): Promise<string> {
  const hash = createHash("sha256");
  const items = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = items
    .filter((item) => item.isFile() && /\.[cm]?[jt]s$/.test(item.name) && !/\.d\.[cm]?ts$/.test(item.name))
    .map((item) => join(item.parentPath, item.name))
    .sort();
  for (const file of files) {
    hash.update(`${relative(folder, file).split(sep).join("/")}\0`);
    hash.update(await readFile(file));
  }
  return hash.digest("hex");
}

import type { Dirent } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

export interface StoreSizes {
  readonly maps: { readonly entries: number; readonly bytes: number };
  readonly results: { readonly entries: number; readonly bytes: number };
}

export interface Collected {
  readonly removed: number;
  readonly freedBytes: number;
  readonly leftBytes: number;
}

interface Entry {
  readonly key: string;
  readonly path: string;
  /** maps, or the state of an unfinished training: what is made again most cheaply */
  readonly maps: boolean;
  readonly bytes: number;
  readonly usedMs: number;
}

/** A temporary folder this old belongs to a process that died. */
const ABANDONED_MS = 3_600_000;

const list = (folder: string): Promise<Dirent[]> => readdir(folder, { withFileTypes: true }).catch(() => []);

async function inspect(folder: string, item: Dirent): Promise<Entry | undefined> {
  const path = join(folder, item.name);
  try {
    if (item.isDirectory()) {
      const names = await readdir(path);
      const sizes = await Promise.all(names.map(async (name) => (await stat(join(path, name))).size));
      const { mtimeMs } = await stat(join(path, "meta.json"));
      const bytes = sizes.reduce((sum, size) => sum + size, 0);
      return { key: item.name, path, maps: !names.includes("weights.npy"), bytes, usedMs: mtimeMs };
    }
    if (!item.name.endsWith(".json") || item.name.startsWith(".")) return undefined;
    const file = await stat(path);
    return { key: item.name.slice(0, -5), path, maps: false, bytes: file.size, usedMs: file.mtimeMs };
  } catch {
    return undefined;
  }
}

async function entries(store: string): Promise<Entry[]> {
  const found: Entry[] = [];
  for (const folder of await list(store)) {
    if (!/^[0-9a-f]{2}$/.test(folder.name)) continue;
    const path = join(store, folder.name);
    const inspected = await Promise.all((await list(path)).map((item) => inspect(path, item)));
    found.push(...inspected.filter((entry) => entry !== undefined));
  }
  return found;
}

export async function measure(store: string): Promise<StoreSizes> {
  const sizes = { maps: { entries: 0, bytes: 0 }, results: { entries: 0, bytes: 0 } };
  for (const entry of await entries(store)) {
    const size = entry.maps ? sizes.maps : sizes.results;
    size.entries++;
    size.bytes += entry.bytes;
  }
  return sizes;
}

async function removeAbandoned(store: string, nowMs: number): Promise<void> {
  const folders = (await list(store)).map(({ name }) => join(store, name));
  for (const folder of folders) {
    for (const item of await list(folder)) {
      if (!folder.endsWith("tmp") && !item.name.endsWith(".tmp")) continue;
      const path = join(folder, item.name);
      const age = await stat(path).then(
        ({ mtimeMs }) => nowMs - mtimeMs,
        () => 0,
      );
      if (age > ABANDONED_MS) await rm(path, { recursive: true, force: true });
    }
  }
}

export async function collect(
  store: string,
  maxBytes: number,
  { keep, mapsOnly }: { readonly keep?: ReadonlySet<string>; readonly mapsOnly?: boolean },
): Promise<Collected> {
  await removeAbandoned(store, Date.now());
  const all = await entries(store);
  let left = all.reduce((sum, { bytes }) => sum + bytes, 0);
  const before = left;
  let removed = 0;
  const expendable = all.filter((entry) => !keep?.has(entry.key) && (entry.maps || !mapsOnly));
  expendable.sort((a, b) => Number(b.maps) - Number(a.maps) || a.usedMs - b.usedMs);
  for (const entry of expendable) {
    if (left <= maxBytes) break;
    await rm(entry.path, { recursive: true, force: true });
    left -= entry.bytes;
    removed++;
  }
  return { removed, freedBytes: before - left, leftBytes: left };
}

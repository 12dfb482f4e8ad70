import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { ensureFolder, openJson, replaceFile, sealJson, sha256, writeDurably } from "./atomic-file.js";
import { collect, measure, type Collected, type StoreSizes } from "./collect.js";
import { InstanceIndex } from "./instance-index.js";
import { decodeNpy, encodeNpy } from "./npy.js";
import { Trainings } from "./trainings.js";

export type ResultKind = "scores" | "table";

/** The maps of one instance: `values` is `[n, height, width, channels]`, and map i explains image `images[i]`. */
export interface StoredMaps {
  readonly values: Float32Array<SharedArrayBuffer>;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly images: Int32Array;
  readonly targets: Int32Array;
  /** why a map counts as undefined, by position in the stack */
  readonly reasons: Readonly<Record<number, string>>;
}

/** `damaged`: there was an entry, its digest did not hold, and it has been removed. */
export type Found<T> = { readonly state: "found"; readonly value: T } | { readonly state: "absent" | "damaged" };

interface MapsMeta {
  readonly shape: readonly [number, number, number, number];
  readonly images: readonly number[];
  readonly targets: readonly number[];
  readonly reasons: Readonly<Record<number, string>>;
  readonly npy: string;
}

/**
 * Results by instance key, in `store/<2 hex>/`: maps as a folder `<key>/` of `maps.npy` and `meta.json`, scores and
 * tables as `<key>.json`. An entry appears whole, by a rename, or not at all; it is trusted only while its digest holds.
 * Processes that share a store at worst write the same entry twice, and the first one stays.
 */
export class Store {
  readonly folder: string;
  readonly index: InstanceIndex;
  readonly trainings: Trainings;
  readonly #folders = new Set<string>();

  /** `root`: the folder `.assay` */
  constructor(root: string) {
    this.folder = join(root, "store");
    this.index = new InstanceIndex(join(root, "index"));
    this.trainings = new Trainings(this.folder);
  }

  hasMaps(key: string): boolean {
    return existsSync(join(this.#entry(key), "meta.json"));
  }

  hasResult(key: string): boolean {
    return existsSync(`${this.#entry(key)}.json`);
  }

  /** Synchronous: a plan asks for thousands of small files, and promises would cost more than the reading. */
  readResult(key: string): Found<unknown> {
    const file = `${this.#entry(key)}.json`;
    let text: string;
    try {
      text = readFileSync(file, "utf8");
    } catch {
      return { state: "absent" };
    }
    const opened = openJson(text);
    if (!opened) {
      rmSync(file, { force: true });
      return { state: "damaged" };
    }
    touch(file);
    return { state: "found", value: opened.value };
  }

  async writeResult(key: string, kind: ResultKind, value: unknown): Promise<void> {
    await this.#prepare(join(this.folder, key.slice(0, 2)));
    await replaceFile(join(this.folder, key.slice(0, 2)), `${key}.json`, sealJson(kind, value));
  }

  async readMaps(key: string): Promise<Found<StoredMaps>> {
    const entry = this.#entry(key);
    if (!existsSync(entry)) return { state: "absent" };
    const read = (name: string): Promise<Buffer | undefined> => readFile(join(entry, name)).catch(() => undefined);
    const [text, npy] = await Promise.all([read("meta.json"), read("maps.npy")]);
    const meta = text && (openJson(text.toString())?.value as MapsMeta | undefined);
    if (!meta || !npy || sha256(npy) !== meta.npy) {
      await rm(entry, { recursive: true, force: true });
      return { state: "damaged" };
    }
    touch(join(entry, "meta.json"));
    const [, height, width, channels] = meta.shape;
    const images = Int32Array.from(meta.images);
    const targets = Int32Array.from(meta.targets);
    return {
      state: "found",
      value: { values: shared(decodeNpy(npy, entry).values), height, width, channels, images, targets, reasons: meta.reasons },
    };
  }

  async writeMaps(key: string, maps: StoredMaps): Promise<void> {
    const shape: MapsMeta["shape"] = [maps.images.length, maps.height, maps.width, maps.channels];
    const npy = encodeNpy(maps.values, shape);
    const meta: MapsMeta = { shape, images: [...maps.images], targets: [...maps.targets], reasons: maps.reasons, npy: sha256(npy) };
    await this.#prepare(join(this.folder, key.slice(0, 2)));
    const temporary = join(this.folder, "tmp", randomUUID());
    await mkdir(temporary, { recursive: true });
    await writeDurably(join(temporary, "maps.npy"), npy);
    await writeDurably(join(temporary, "meta.json"), sealJson("maps", meta));
    try {
      await rename(temporary, this.#entry(key));
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      // Another process was first: its entry has the same key, hence the same content.
      if (!this.hasMaps(key)) throw error;
    }
  }

  sizes(): Promise<StoreSizes> {
    return measure(this.folder);
  }

  /** Removes oldest-used entries until at most `maxBytes` are left: maps first, scores and report results only after all maps. */
  gc(maxBytes: number, options: { readonly keep?: ReadonlySet<string>; readonly mapsOnly?: boolean } = {}): Promise<Collected> {
    return collect(this.folder, maxBytes, options);
  }

  #entry(key: string): string {
    return join(this.folder, key.slice(0, 2), key);
  }

  async #prepare(folder: string): Promise<void> {
    if (this.#folders.has(folder)) return;
    await ensureFolder(folder);
    this.#folders.add(folder);
  }
}

/** A copy in memory that worker threads see too. */
function shared(values: ArrayLike<number>): Float32Array<SharedArrayBuffer> {
  const copy = new Float32Array(new SharedArrayBuffer(4 * values.length));
  copy.set(values);
  return copy;
}

/** Marks the entry as used now, for `gc`. Failing is harmless: another process may just have removed it. */
function touch(file: string): void {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    return;
  }
}

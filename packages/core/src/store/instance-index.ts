import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ensureFolder, openJson, replaceFile, sealJson } from "./atomic-file.js";

export interface Recorded {
  readonly key: string;
  readonly parts: Readonly<Record<string, string>>;
}

/**
 * What the instances of a spec were made of when they were last computed, by instance id, in `.assay/index/<spec>.json`.
 * It only explains why something runs again: losing it loses no result.
 */
export class InstanceIndex {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  read(spec: string): ReadonlyMap<string, Recorded> {
    try {
      const opened = openJson(readFileSync(join(this.#folder, fileName(spec)), "utf8"));
      return new Map(Object.entries((opened?.value ?? {}) as Record<string, Recorded>));
    } catch {
      return new Map();
    }
  }

  async write(spec: string, recorded: ReadonlyMap<string, Recorded>): Promise<void> {
    await ensureFolder(this.#folder);
    await replaceFile(this.#folder, fileName(spec), sealJson("index", Object.fromEntries(recorded)));
  }
}

const fileName = (spec: string): string => `${spec.replaceAll(/[^\w.-]/g, "_")}.json`;

import { appendFile, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../../scripts/cache.mjs";

/** What a bench measured, one JSON line a run, in the cache folder: a long bench can be run piece by piece (`--append`) and printed at the end (`--table`). */
export class Results {
  constructor(name) {
    this.folder = join(cacheFolder(), "bench", name);
    this.file = join(this.folder, "results.jsonl");
  }

  async clear() {
    await rm(this.folder, { recursive: true, force: true });
    await mkdir(this.folder, { recursive: true });
  }

  add(result) {
    return appendFile(this.file, `${JSON.stringify(result)}\n`);
  }

  async all() {
    const lines = await readFile(this.file, "utf8").catch(() => "");
    return lines.split("\n").filter(Boolean).map(JSON.parse);
  }
}

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { beforeEach, describe, expect, it } from "vitest";
import { InstanceIndex } from "../../src/store/instance-index.js";
import { Store, type StoredMaps } from "../../src/store/store.js";

const key = (name: string) => createHash("sha256").update(name).digest("hex");
const maps = (n = 2, fill = 1): StoredMaps => ({
  values: new Float32Array(new SharedArrayBuffer(n * 6 * 4)).fill(fill),
  height: 2,
  width: 3,
  channels: 1,
  images: Int32Array.from({ length: n }, (_, i) => i + 5),
  targets: new Int32Array(n).fill(7),
  reasons: { 1: "non-finite" },
});
let folder: string;
let store: Store;
beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), "assay-store-"));
  store = new Store(root);
  folder = store.folder;
});
const pathOf = (name: string) => join(folder, key(name).slice(0, 2), key(name));

describe("Store", () => {
  it("gives back what was written", async () => {
    await store.writeMaps(key("a"), maps());
    await store.writeResult(key("b"), "scores", { value: [0.1, null] });
    expect(await store.readMaps(key("a"))).toEqual({ state: "found", value: maps() });
    expect(store.readResult(key("b"))).toEqual({ state: "found", value: { value: [0.1, null] } });
    expect(await store.readMaps(key("b"))).toEqual({ state: "absent" });
    expect(store.readResult(key("a"))).toEqual({ state: "absent" });
    expect([store.hasMaps(key("a")), store.hasResult(key("b")), store.hasMaps(key("b"))]).toEqual([true, true, false]);
  });

  it("writes maps as numpy reads them", async () => {
    await store.writeMaps(key("a"), maps());
    const script = `import numpy as n,sys; a=n.load(sys.argv[1]); print(a.shape, a.dtype, a.flags['C_CONTIGUOUS'], a.sum())`;
    const ran = await promisify(execFile)("python3", ["-c", script, join(pathOf("a"), "maps.npy")]).catch(() => undefined);
    const header = readFileSync(join(pathOf("a"), "maps.npy"))
      .subarray(0, 128)
      .toString("latin1");
    expect(header).toContain("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2, 3, 1), }");
    if (ran) expect(ran.stdout.trim()).toBe("(2, 2, 3, 1) float32 True 12.0");
  });

  it.each([
    ["a flipped byte of maps", "maps.npy", (file: string) => flip(file)],
    ["a cut file of maps", "maps.npy", (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 130))],
    [
      "a changed description of maps",
      "meta.json",
      (file: string) => writeFileSync(file, readFileSync(file, "utf8").replace('"targets":[7', '"targets":[8')),
    ],
  ])("never trusts %s, and forgets the entry", async (_what, name, damage) => {
    await store.writeMaps(key("a"), maps());
    damage(join(pathOf("a"), name));
    expect(await store.readMaps(key("a"))).toEqual({ state: "damaged" });
    expect(await store.readMaps(key("a"))).toEqual({ state: "absent" });
    await store.writeMaps(key("a"), maps());
    expect((await store.readMaps(key("a"))).state).toBe("found");
  });

  it.each([
    ["a changed number", (file: string) => writeFileSync(file, readFileSync(file, "utf8").replace("0.5", "0.6"))],
    ["text after the end", (file: string) => appendFileSync(file, " ")],
    ["an empty file", (file: string) => writeFileSync(file, "")],
  ])("never trusts a result with %s", async (_what, damage) => {
    await store.writeResult(key("s"), "scores", { value: 0.5 });
    damage(`${pathOf("s")}.json`);
    expect(store.readResult(key("s"))).toEqual({ state: "damaged" });
    expect(store.readResult(key("s"))).toEqual({ state: "absent" });
  });

  it("lets two writers of one key be, and leaves one whole entry", async () => {
    const other = new Store(dirname(folder));
    await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? store : other).writeMaps(key("a"), maps())));
    await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? store : other).writeResult(key("s"), "scores", 1)));
    expect((await store.readMaps(key("a"))).state).toBe("found");
    expect(readdirSync(join(folder, "tmp"))).toEqual([]);
    expect(readdirSync(join(folder, key("s").slice(0, 2))).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("collects the oldest maps first, and no score before the last map", async () => {
    for (const [i, name] of ["old", "middle", "new"].entries()) {
      await store.writeMaps(key(name), maps(100));
      utimesSync(join(pathOf(name), "meta.json"), i, i);
    }
    await store.writeResult(key("s"), "scores", "x".repeat(500));
    utimesSync(`${pathOf("s")}.json`, 0, 0);
    const { maps: all } = await store.sizes();
    expect(all.entries).toBe(3);
    await store.readMaps(key("old"));
    await store.gc(all.bytes * 0.7 + 600);
    expect([store.hasMaps(key("old")), store.hasMaps(key("middle")), store.hasMaps(key("new"))]).toEqual([true, false, true]);
    await store.gc(0, { mapsOnly: true, keep: new Set([key("new")]) });
    expect([store.hasMaps(key("old")), store.hasMaps(key("new")), store.hasResult(key("s"))]).toEqual([false, true, true]);
    await store.gc(0);
    expect(store.hasResult(key("s"))).toBe(false);
  });

  it("clears away what a dead process left unfinished, but not what is being written", async () => {
    await store.writeMaps(key("a"), maps());
    const dead = join(folder, key("a").slice(0, 2), ".x.json.1.tmp");
    const alive = join(folder, key("a").slice(0, 2), ".y.json.2.tmp");
    writeFileSync(dead, "");
    writeFileSync(alive, "");
    utimesSync(dead, 1, 1);
    await store.gc(1e9);
    expect([existsSync(dead), existsSync(alive)]).toEqual([false, true]);
  });
});

describe("InstanceIndex", () => {
  it("remembers what instances were made of, and forgets rather than trusts", async () => {
    const index = new InstanceIndex(join(folder, "index"));
    const recorded = new Map([["node[a=1]", { key: "k", parts: { params: "{}" } }]]);
    await index.write("my spec", recorded);
    expect(index.read("my spec")).toEqual(recorded);
    flip(join(folder, "index", "my_spec.json"));
    expect(index.read("my spec").size).toBe(0);
    expect(index.read("other").size).toBe(0);
  });
});

function flip(file: string): void {
  const bytes = readFileSync(file);
  bytes[bytes.length - 3]! ^= 1;
  writeFileSync(file, bytes);
}

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { npy } from "../src/npy.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "assay-npy-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A version 1.0 file written from numpy's format description, not by the project's own encoder. */
function numpyFile(shape: readonly number[], values: readonly number[]): Buffer {
  const tuple = shape.length === 1 ? `(${String(shape[0])},)` : `(${shape.join(", ")})`;
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  const header = `${dictionary.padEnd(Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 11)}\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  return Buffer.concat([
    Buffer.from([0x93]),
    Buffer.from("NUMPY\x01\x00", "latin1"),
    length,
    Buffer.from(header),
    Buffer.from(Float32Array.from(values).buffer),
  ]);
}
const ramp = (n: number) => Array.from({ length: n }, (_, i) => i / 8);

type Settings = Parameters<typeof npy.open>[0];
async function open(content: Buffer, settings: Partial<Settings> = {}) {
  const file = path.join(folder, "x.npy");
  await writeFile(file, content);
  return npy.open({ path: file, offset: 0, ...settings }, { services: [] });
}

describe("dataset/npy", () => {
  it("reads a batch [n, h, w, c] as it stands", async () => {
    const set = await open(numpyFile([2, 3, 2, 2], ramp(24)));
    expect([set.count, ...set.shape]).toEqual([2, 3, 2, 2]);
    expect([...(await set.read(1, 1))]).toEqual(ramp(24).slice(12));
    expect([...(await set.read(0, 2))]).toEqual(ramp(24));
    expect(set.ids).toEqual(["0", "1"]);
  });

  it("takes [h, w, c] and [h, w] for one image", async () => {
    expect((await open(numpyFile([3, 2, 4], ramp(24)))).shape).toEqual([3, 2, 4]);
    const grey = await open(numpyFile([4, 6], ramp(24)));
    expect([grey.count, ...grey.shape]).toEqual([1, 4, 6, 1]);
  });

  it("takes a part, with its labels and ids", async () => {
    const set = await open(numpyFile([3, 2, 2, 1], ramp(12)), { offset: 1, limit: 2, labels: [7, 8, 9] });
    expect([...set.labels!]).toEqual([8, 9]);
    expect(set.ids).toEqual(["1", "2"]);
    expect([...(await set.read(0, 1))]).toEqual(ramp(12).slice(4, 8));
  });

  it("knows the background only where it is told", async () => {
    expect((await open(numpyFile([2, 2], ramp(4)))).background).toBeUndefined();
    expect((await open(numpyFile([2, 2], ramp(4)), { background: -1 })).background).toBe(-1);
  });

  it("changes its digest with content, selection and labels", async () => {
    const digest = async (values: number[], settings: Partial<Settings> = {}) =>
      (await open(numpyFile([2, 1, 2, 1], values), settings)).digest;
    const first = await digest([1, 2, 3, 4]);
    expect(await digest([1, 2, 3, 4])).toBe(first);
    const others = [await digest([1, 2, 3, 5]), await digest([1, 2, 3, 4], { limit: 1 }), await digest([1, 2, 3, 4], { labels: [0, 1] })];
    expect(new Set([first, ...others]).size).toBe(4);
  });

  it("names the place of the first value that is not a number", async () => {
    for (const bad of [NaN, Infinity, -Infinity]) {
      const values = ramp(12);
      values[7] = bad;
      await expect(open(numpyFile([3, 2, 2, 1], values))).rejects.toThrow(/DATASET-NONFINITE .*x\.npy: .*\[1, 1, 1, 0\]/);
    }
  });

  it("refuses what is no array of images", async () => {
    await expect(open(Buffer.from("PK\x03\x04 this is no npy file at all, but longer than a header"))).rejects.toMatchObject({
      code: "NPY-MAGIC",
      exit: 2,
    });
    await expect(open(numpyFile([4], ramp(4)))).rejects.toMatchObject({ code: "NPY-SHAPE" });
    await expect(open(numpyFile([1, 1, 1, 2, 2], ramp(4)))).rejects.toMatchObject({ code: "NPY-SHAPE" });
    await expect(open(numpyFile([0, 2, 2, 1], []))).rejects.toMatchObject({ code: "DATASET-RANGE" });
    await expect(open(numpyFile([2, 2], ramp(4)), { labels: [1, 2] })).rejects.toMatchObject({ code: "DATASET-LABELS" });
    const missing = npy.open({ path: path.join(folder, "nowhere.npy"), offset: 0 }, { services: [] });
    await expect(missing).rejects.toMatchObject({ code: "DATASET-MISSING", exit: 2 });
  });
});

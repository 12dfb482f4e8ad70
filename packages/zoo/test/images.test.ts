import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { images } from "../src/images.js";

type Settings = Parameters<typeof images.open>[0];
let root: string;
const folder = (name: string) => path.join(root, name);
const open = (name: string, settings: Partial<Settings> = {}) =>
  images.open(
    { folder: folder(name), height: 2, width: 2, fit: "cover", channels: 3, preprocessing: "unit", offset: 0, ...settings },
    { services: [] },
  );
const png = (bytes: readonly number[], width: number, height: number, channels: 3 | 4) =>
  sharp(Uint8Array.from(bytes), { raw: { width, height, channels } }).png().toBuffer();
const flat = (colour: readonly number[], width: number, height: number) =>
  png(Array.from({ length: width * height }, () => colour).flat(), width, height, colour.length as 3 | 4);
const rounded = (values: Float32Array) => Array.from(values, (value) => Number(value.toFixed(4)));

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "assay-images-"));
  for (const name of ["plain", "empty", "broken", "cut"]) await mkdir(folder(name));
  await writeFile(path.join(folder("plain"), "b-corners.png"), await png([255, 0, 0, 0, 255, 0, 0, 0, 255, 51, 102, 204], 2, 2, 3));
  await writeFile(path.join(folder("plain"), "a-grey.PNG"), await flat([51, 51, 51], 7, 5));
  await writeFile(
    path.join(folder("plain"), "c-photo.jpg"),
    await sharp(await flat([0, 128, 255], 16, 8))
      .jpeg({ quality: 100 })
      .toBuffer(),
  );
  await writeFile(path.join(folder("plain"), "d-half.png"), await flat([255, 255, 255, 0], 3, 3));
  await writeFile(path.join(folder("plain"), "notes.txt"), "not an image");
  await writeFile(path.join(folder("empty"), "notes.txt"), "not an image");
  await writeFile(path.join(folder("broken"), "good.png"), await flat([1, 2, 3], 2, 2));
  await writeFile(path.join(folder("broken"), "liar.png"), "this is no PNG");
  const noise = Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251);
  const whole = await sharp(Uint8Array.from(noise), { raw: { width: 64, height: 64, channels: 3 } })
    .jpeg()
    .toBuffer();
  await writeFile(path.join(folder("cut"), "cut.jpg"), whole.subarray(0, whole.length / 2));
});
afterAll(() => rm(root, { recursive: true }));

describe("dataset/images", () => {
  it("takes images in the order of their names, whatever case the extension has", async () => {
    const set = await open("plain");
    expect(set.ids).toEqual(["a-grey.PNG", "b-corners.png", "c-photo.jpg", "d-half.png"]);
    expect(set.shape).toEqual([2, 2, 3]);
    expect((await open("plain", { offset: 1, limit: 2 })).ids).toEqual(["b-corners.png", "c-photo.jpg"]);
  });

  it("keeps pixels exactly where nothing is resized", async () => {
    const set = await open("plain");
    expect(rounded(await set.read(1, 1))).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1, 0.2, 0.4, 0.8]);
  });

  it("keeps a flat colour flat under resizing, cropping and JPEG", async () => {
    const set = await open("plain", { height: 4, width: 3 });
    expect(rounded(await set.read(0, 1))).toEqual(Array.from({ length: 36 }, () => 0.2));
    const photo = await set.read(2, 1);
    expect(Math.max(...photo.map((value, i) => Math.abs(255 * value - [0, 128, 255][i % 3]!)))).toBeLessThan(2);
  });

  it("crops around the centre with `cover` and stretches with `fill`", async () => {
    await mkdir(folder("stripe"));
    const stripe = [255, 255, 255, 0, 0, 0, 0, 0, 0, 255, 255, 255];
    await writeFile(path.join(folder("stripe"), "s.png"), await png([...stripe, ...stripe], 4, 2, 3));
    expect(rounded(await (await open("stripe")).read(0, 1))).toEqual(Array.from({ length: 12 }, () => 0));
    const stretched = await (await open("stripe", { fit: "fill" })).read(0, 1);
    expect(Math.min(...stretched)).toBeGreaterThan(0.2);
  });

  it("lays transparent pixels on black", async () => {
    expect([...(await (await open("plain")).read(3, 1))]).toEqual(Array.from({ length: 12 }, () => 0));
  });

  it("brings 16-bit files to the same units", async () => {
    await mkdir(folder("deep"));
    const deep = sharp(await flat([51, 102, 204], 2, 2))
      .toColourspace("rgb16")
      .png();
    await writeFile(path.join(folder("deep"), "deep.png"), await deep.toBuffer());
    expect((await sharp(path.join(folder("deep"), "deep.png")).metadata()).depth).toBe("ushort");
    expect(rounded(await (await open("deep")).read(0, 1)).slice(0, 3)).toEqual([0.2, 0.4, 0.8]);
  });

  it("applies each preprocessing preset channel by channel", async () => {
    const corner = (values: Float32Array) => rounded(values.slice(9));
    expect(corner(await (await open("plain", { preprocessing: "symmetric" })).read(1, 1))).toEqual([-0.6, -0.2, 0.6]);
    const imagenet = corner(await (await open("plain", { preprocessing: "imagenet-mean-std" })).read(1, 1));
    expect(imagenet).toEqual([(0.2 - 0.485) / 0.229, (0.4 - 0.456) / 0.224, (0.8 - 0.406) / 0.225].map((v) => Number(v.toFixed(4))));
  });

  it("gives luminance when one channel is asked for", async () => {
    const set = await open("plain", { channels: 1 });
    expect(set.shape).toEqual([2, 2, 1]);
    expect(rounded(await set.read(0, 1))).toEqual([0.2, 0.2, 0.2, 0.2]);
    const [red, green, blue] = await set.read(1, 1);
    expect(green!).toBeGreaterThan(red!);
    expect(red!).toBeGreaterThan(blue!);
  });

  it("reads many at once as one at a time", async () => {
    const set = await open("plain", { height: 5, width: 6 });
    const single = await Promise.all([0, 1, 2, 3].map(async (i) => [...(await set.read(i, 1))]));
    expect([...(await set.read(0, 4))]).toEqual(single.flat());
  });

  it("changes its digest with a byte of a file, the size and the preprocessing", async () => {
    await mkdir(folder("digest"));
    const file = path.join(folder("digest"), "x.png");
    await writeFile(file, await readFile(path.join(folder("plain"), "b-corners.png")));
    const before = (await open("digest")).digest;
    expect((await open("digest")).digest).toBe(before);
    expect((await open("digest", { height: 3 })).digest).not.toBe(before);
    expect((await open("digest", { preprocessing: "symmetric" })).digest).not.toBe(before);
    await writeFile(file, await flat([1, 2, 3], 2, 2));
    expect((await open("digest")).digest).not.toBe(before);
  });

  it("names what is missing, empty or broken", async () => {
    await expect(open("nowhere")).rejects.toMatchObject({ code: "DATASET-MISSING", exit: 2 });
    await expect(open("empty")).rejects.toMatchObject({ code: "DATASET-EMPTY", exit: 2 });
    await expect(open("broken")).rejects.toThrow(/IMAGE-BROKEN .*liar\.png/);
    await expect(open("plain", { channels: 2 })).rejects.toMatchObject({ code: "DATASET-CHANNELS" });
    await expect(open("plain", { limit: 5 })).rejects.toMatchObject({ code: "DATASET-RANGE" });
    const cut = await open("cut");
    await expect(cut.read(0, 1)).rejects.toThrow(/IMAGE-BROKEN .*cut\.jpg/);
  });
});

import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { enlarged, stageComposites, type GridData } from "../src/index.js";

const flat = async (color: string): Promise<string> => {
  const png = await sharp({ create: { width: 28, height: 28, channels: 3, background: color } })
    .png()
    .toBuffer();
  return `data:image/png;base64,${png.toString("base64")}`;
};

describe("pictures for a tracker", () => {
  it("puts the methods of one image and stage side by side, in their order, each in its place when one is missing", async () => {
    const [red, blue] = [await flat("#ff0000"), await flat("#0000ff")];
    const at = (method: string, step: number, source: string) => ({ method, step, stage: ["trained", "fc1"][step]!, image: 4, source });
    const grid: GridData = {
      kind: "grid",
      images: [4],
      draw: "0",
      view: "absolute",
      stages: ["fc1"],
      methods: ["first", "second"],
      pictures: [at("first", 0, red), at("second", 0, blue), at("second", 1, blue)],
    };
    const composites = await stageComposites(grid);
    expect(composites.map(({ image, step, stage }) => [image, step, stage])).toEqual([
      [4, 0, "trained"],
      [4, 1, "fc1"],
    ]);
    const colors = await Promise.all(
      composites.map(async ({ png }) => {
        const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
        const pixel = (x: number) => [...data.subarray(3 * (120 * info.width + x), 3 * (120 * info.width + x) + 3)];
        return [pixel(info.width / 4), pixel((3 * info.width) / 4)];
      }),
    );
    expect(colors).toEqual([
      [[255, 0, 0], [0, 0, 255]],
      [[255, 255, 255], [0, 0, 255]],
    ]); // prettier-ignore
  });

  it("enlarges a small map to what can be seen, cell by cell", async () => {
    const { width, height } = await sharp(await enlarged(await flat("#123456"))).metadata();
    expect([width, height]).toEqual([280, 280]);
  });
});

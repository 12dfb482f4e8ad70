import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { seedTree, type Dataset, type MapsInput } from "@assay/core/plugin";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { grid, isGridData, renderPage } from "../src/index.js";
import { findChromium, launch } from "./browser.js";

const SIDE = 299;
const NAMES =
  "Logits Mixed_7c Mixed_7b Mixed_7a Mixed_6e Mixed_6d Mixed_6c Mixed_6b Mixed_6a Mixed_5d Mixed_5c Mixed_5b Conv2d_4a_3x3 Conv2d_3b_1x1 Conv2d_2b_3x3 Conv2d_2a_3x3 Conv2d_1a_3x3";
const STAGES = NAMES.split(" ");

/** Noise is what compresses worst. */
const noise = (seed: string, channels: number): Float32Array => {
  const random = seedTree(seed);
  return Float32Array.from({ length: SIDE * SIDE * channels }, () => random.normal());
};
const stack = { values: noise("map", 1), height: SIDE, width: SIDE, channels: 1, images: Int32Array.of(0) };
const dataset: Dataset = {
  count: 1,
  shape: [SIDE, SIDE, 3],
  digest: "0".repeat(64),
  ids: ["chelsea.png"],
  read: () => Promise.resolve(noise("photo", 3)),
};

async function largeGrid() {
  const explainer = { name: "explainer", values: ["gradient", "smoothgrad-integrated-gradients"] };
  const reference: MapsInput = { axes: [explainer], groups: explainer.values.map((name) => ({ axes: { explainer: name }, maps: stack })) };
  const perturbed: MapsInput = {
    axes: [explainer, { name: "stage", values: ["trained", ...STAGES], order: "cascading" }],
    groups: explainer.values.flatMap((name) => STAGES.map((stage) => ({ axes: { explainer: name, stage }, maps: stack }))),
  };
  const inputs = { scores: {}, maps: { reference, perturbed }, datasets: { images: dataset }, models: {} };
  return grid.build(inputs, { images: 1, view: "absolute" }, { random: seedTree(0), services: [] });
}

describe("the grid of a large network", () => {
  it("keeps a map of 299×299 in 160×160 pixels and at most 16 KB, even where it is noise", async () => {
    const { data } = await largeGrid();
    if (!isGridData(data)) throw new Error("no grid");
    expect(data.pictures).toHaveLength(2 * 18);
    const bytes = Buffer.from(data.pictures[0]!.source.split(",")[1]!, "base64");
    expect(await sharp(bytes).metadata()).toMatchObject({ format: "webp", width: 160, height: 160 });
    expect(bytes.length).toBeLessThan(16_384);
  });

  it.runIf(findChromium() ?? process.env["CI"])(
    "shows the trained network and 17 stages on a page of 1440 px without scrolling",
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "assay-grid-"));
      const browser = await launch(findChromium()!);
      try {
        const file = join(folder, "report.html");
        await writeFile(file, renderPage({ title: "large", question: "How large?", sections: [await largeGrid()], facts: {} }));
        const page = await browser.newPage();
        await page.setViewport({ width: 1440, height: 900 });
        await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
        const seen = await page.evaluate(() => {
          const region = document.querySelector(".wide")!;
          const heads = [...document.querySelectorAll<HTMLElement>(".grid thead tr:last-child th")];
          return {
            tables: document.querySelectorAll(".grid").length,
            hidden: region.scrollWidth - region.clientWidth,
            cut: heads.filter((head) => head.scrollWidth > head.clientWidth + 1).map((head) => head.textContent),
            maps: document.querySelectorAll(".grid td img").length,
            side: document.querySelector(".grid td img")!.getBoundingClientRect().width,
          };
        });
        expect(seen).toMatchObject({ tables: 1, hidden: 0, cut: [], maps: 2 * 18 });
        expect(seen.side).toBeGreaterThan(50);
        if (process.env["ASSAY_SCREENSHOTS"]) await page.screenshot({ path: join(process.env["ASSAY_SCREENSHOTS"], "large-grid.png") });
      } finally {
        await browser.close();
        await rm(folder, { recursive: true, force: true });
      }
    },
  );
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { findChromium, launch } from "./browser.js";
import { samplePage } from "./sample-run.js";

vi.mock("@assay/core/plugin", async (original) => ({
  ...(await original<typeof import("@assay/core/plugin")>()),
  applyView: (await import("./one-channel-view.js")).oneChannelView,
}));

const chromium = findChromium();
if (!chromium && !process.env["CI"])
  console.warn("left out: the page in a browser, because there is no Chromium (set CHROMIUM to its path)");

describe.runIf(chromium ?? process.env["CI"])("report.html in a browser", () => {
  let folder: string;
  let url: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "assay-page-"));
    const file = join(folder, "report.html");
    await writeFile(file, await samplePage());
    url = pathToFileURL(file).href;
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([1440, 800])("shows verdicts, curves and maps at %i px, asks for nothing outside and logs no error", async (width) => {
    if (!chromium)
      throw new Error("there is no Chromium: under CI=true the page must be opened (apt-get install chromium, or set CHROMIUM)");
    const browser = await launch(chromium);
    try {
      const page = await browser.newPage();
      const complaints: string[] = [];
      const requests: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("request", (request) => requests.push(request.url()));
      await page.setViewport({ width, height: 900 });
      await page.goto(url, { waitUntil: "load" });
      const seen = await page.evaluate(() => {
        const visible = (selector: string) =>
          [...document.querySelectorAll(selector)].filter((element) => {
            const { width: w, height: h } = element.getBoundingClientRect();
            return w > 20 && h > 10;
          }).length;
        return {
          verdicts: visible("#verdict tbody tr"),
          charts: visible(".chart svg"),
          curves: document.querySelectorAll(".chart svg path").length,
          maps: [...document.querySelectorAll<HTMLImageElement>(".grid img")].filter((img) => img.complete && img.naturalWidth > 0).length,
          images: document.querySelectorAll(".grid img").length,
          overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        };
      });
      expect(seen).toMatchObject({ verdicts: 12, charts: 7, images: 3 * (12 * 5 + 1), maps: 3 * (12 * 5 + 1) });
      expect(seen.curves).toBeGreaterThan(7 * 12);
      expect(seen.overflow).toBeLessThanOrEqual(0);
      expect(complaints).toEqual([]);
      expect(requests.filter((request) => !request.startsWith("data:"))).toEqual([url]);
      if (process.env["ASSAY_SCREENSHOTS"])
        await page.screenshot({ path: join(process.env["ASSAY_SCREENSHOTS"], `report-${width}.png`), fullPage: true });
    } finally {
      await browser.close();
    }
  });
});

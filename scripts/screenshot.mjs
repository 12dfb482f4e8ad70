// The picture in README.md: the upper part of a run's report, as headless Chromium shows it.
//   node scripts/screenshot.mjs [REPORT.html] [OUT.png] [HEIGHT] [WIDTH]
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { root, script } from "./setup.mjs";
import { command } from "./step.mjs";

const sharp = createRequire(join(root, "packages", "report", "package.json"))("sharp");
const [report = "runs/mnist-cascade/latest/report.html", out = "docs/images/report.png", height = "2200", width = "1440"] =
  process.argv.slice(2);

await script(async () => {
  const page = resolve(root, report);
  if (!existsSync(page)) throw new Error(`There is no ${report}: \`npm start\` makes it.`);
  const folder = await mkdtemp(join(tmpdir(), "assay-screenshot-"));
  try {
    const shot = join(folder, "report.png");
    await command(
      process.env.CHROMIUM ?? "chromium",
      [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        `--user-data-dir=${join(folder, "profile")}`,
        `--window-size=${width},${height}`,
        `--screenshot=${shot}`,
        pathToFileURL(page).href,
      ],
      { timeoutMs: 120_000 },
    );
    await mkdir(dirname(resolve(root, out)), { recursive: true });
    await sharp(shot).png({ palette: true, quality: 90 }).toFile(resolve(root, out));
    process.stdout.write(`${out}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

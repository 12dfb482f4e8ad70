// The pictures in docs/how-to/compare-runs-in-mlflow.md: the main job on a real MLflow server, as headless Chromium shows it.
//   node scripts/mlflow-screenshots.mjs        (after `npm start`, whose results it takes from the store)
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startMlflow } from "./mlflow-server.mjs";
import { root, script } from "./setup.mjs";

const fromReport = createRequire(join(root, "packages", "report", "package.json"));
const puppeteer = fromReport("puppeteer-core");
const sharp = fromReport("sharp");
const SIZE = { width: 1440, height: 1000 };

await script(async () => {
  const folder = await mkdtemp(join(tmpdir(), "assay-mlflow-pictures-"));
  const server = await startMlflow({ folder: join(folder, "mlflow"), log: (line) => process.stdout.write(`${line}\n`) });
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", `--user-data-dir=${join(folder, "profile")}`],
  });
  try {
    const { charts, run, report } = await links(server.uri);
    const page = await browser.newPage();
    await page.setViewport(SIZE);
    const shoot = async (name, url, before = () => undefined) => {
      await page.goto("about:blank");
      await page.goto(url, { waitUntil: "networkidle2", timeout: 60_000 });
      await sleep(3000);
      await page.evaluate(() => document.querySelector('[aria-label="Close"]')?.click());
      await before();
      await sleep(2000);
      const file = join("docs", "images", `mlflow-${name}.png`);
      await sharp(await page.screenshot())
        .png({ palette: true, quality: 90 })
        .toFile(join(root, file));
      process.stdout.write(`${file}\n`);
    };
    const scrollTo = (heading) =>
      page.evaluate((text) => {
        [...document.querySelectorAll("h1,h2,h3,h4,span")].find((node) => node.textContent.trim() === text)?.scrollIntoView();
      }, heading);
    await shoot("compare", charts);
    await shoot("run", run, () => scrollTo("Description"));
    await shoot("report", report);
    await shoot("images", run.replace(/(\?|$)/, "/model-metrics$1"), () => scrollTo("images"));
  } finally {
    await browser.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});

/** Runs the main job with this server, and gives the addresses that it prints. */
function links(uri) {
  const args = [join(root, "packages", "cli", "bin", "assay.mjs"), "run", join(root, "experiments", "mnist-cascade.yaml"), "--json"];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, MLFLOW_TRACKING_URI: uri },
      stdio: ["ignore", "pipe", 2],
    });
    let out = "";
    child.stdout.on("data", (text) => (out += text));
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve(JSON.parse(out).tracking.links) : reject(new Error(`assay ended with ${code}`))));
  });
}

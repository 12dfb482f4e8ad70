import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { atomically } from "../../scripts/atomic.mjs";
import { cacheFolder } from "../../scripts/cache.mjs";
import { command, step } from "../../scripts/step.mjs";
import { root } from "./process.mjs";

const MINIMUM = [3, 11];
const file = join(root, "bench", "peers", "requirements.txt");

/** The versions of the peers. */
export const peersLine = async () => (await readFile(file, "utf8")).trim().replaceAll("\n", ", ").replaceAll("==", " ");

/** The Python of a virtual environment in the cache folder with the peers' pinned packages; it is made once. Without Python: exit 3. */
export async function setUpPeers() {
  const requirements = await readFile(file, "utf8");
  const digest = createHash("sha256").update(requirements).digest("hex").slice(0, 8);
  const home = join(cacheFolder(), `bench-peers-${digest}`);
  const python = join(home, "bin", "python");
  if (existsSync(python)) return python;
  const check = `import sys, ensurepip; sys.exit(sys.version_info < (${MINIMUM.join(", ")}))`;
  await command("python3", ["-c", check]).catch(() => {
    const what = `this bench needs python3 (${MINIMUM.join(".")} or newer) with venv, for the peers that it runs beside Assay`;
    throw Object.assign(new Error(what), { code: 3 });
  });
  await step(`PyTorch, Captum, Quantus, SciPy and scikit-image into ${home} (minutes, 6 GB, once)`, () =>
    atomically(home, async (folder) => {
      await command("python3", ["-m", "venv", folder]);
      await command(join(folder, "bin", "python"), ["-m", "pip", "install", "--quiet", "--requirement", file]);
    }),
  );
  return python;
}

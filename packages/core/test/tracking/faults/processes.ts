import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const SOURCE = fileURLToPath(new URL("tracking-process.ts", import.meta.url));

export type Mode = "experiment" | "sync";

export interface Started {
  readonly child: ChildProcess;
  /** it has loaded its code and now begins */
  readonly begun: Promise<void>;
  /** all that it said */
  readonly ended: Promise<string>;
}

/** Makes one file of `tracking-process.ts` and the sources that it tests, so that no stale build is run. Returns how to start it. */
export async function trackingProcesses(root: string): Promise<(mode: Mode, kind: string, seed: number, uri: string) => Started> {
  const file = join(root, "tracking-process.mjs");
  await build({
    entryPoints: [SOURCE],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["@assay/source"],
    // undici is not a module, and asks for parts of Node with `require`.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    logLevel: "error",
  });
  return (mode, kind, seed, uri) => {
    const child = spawn(process.execPath, [file, mode, root, kind, String(seed), uri], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    const begun = new Promise<void>((done) => {
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        if (said.includes("begun\n")) done();
      });
      child.once("close", () => {
        done();
      });
    });
    return { child, begun, ended: once(child, "close").then(() => said) };
  };
}

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Worker threads and child processes run the built files: bring them up to date with the sources. */
export default function buildCore(): void {
  const root = fileURLToPath(new URL("../../../../", import.meta.url));
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-b", "packages/core"], { cwd: root, stdio: "inherit" });
}

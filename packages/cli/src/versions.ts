import { readFileSync } from "node:fs";
import { backendPackage, type BackendName } from "@assay/network";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };

/** Versions that a result depends on, for lock.json, the report and the tracker. */
export const versions = (backend: string): Readonly<Record<string, string>> => ({
  assay: version,
  node: process.versions.node,
  backend,
  "backend package": backendPackage(backend as BackendName),
});

import { readFileSync } from "node:fs";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };

/** Versions that a result depends on, for lock.json and the tracker. */
export const versions = (backend: string): Promise<Readonly<Record<string, string>>> =>
  Promise.resolve({ assay: version, node: process.versions.node, backend });

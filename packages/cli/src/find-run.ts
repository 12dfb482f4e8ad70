import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { AssayError } from "@assay/core";

/** The folder of a finished run: its path, its id below any experiment's folder, or the name of an experiment for its latest. */
export function findRunFolder(cwd: string, root: string, name: string): string | undefined {
  const experiment = name.includes("/") ? [] : [join(root, "runs", name, "latest")];
  return [resolve(cwd, name), ...experiment, join(root, "runs", name)].find((folder) => existsSync(join(folder, "verdicts.json")));
}

export const unknownRun = (name: string): AssayError =>
  new AssayError({
    code: "RUN-UNKNOWN",
    where: name,
    what: "no finished run lies there",
    next: "`assay runs` lists the runs of this machine; `assay run SPEC` makes one.",
  });

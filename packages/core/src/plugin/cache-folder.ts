import { homedir } from "node:os";
import path from "node:path";

/** Where downloads lie, outside of every checkout: `ASSAY_CACHE`, else `$XDG_CACHE_HOME/assay`, else `~/.cache/assay`. */
export const cacheFolder = (env: Readonly<Record<string, string | undefined>>): string =>
  env["ASSAY_CACHE"] || path.join(env["XDG_CACHE_HOME"] || path.join(homedir(), ".cache"), "assay");

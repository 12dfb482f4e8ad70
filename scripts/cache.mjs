import { homedir } from "node:os";
import { join } from "node:path";

/** What set-up and tests download lies here, outside of every checkout. */
export const cacheFolder = (env = process.env) =>
  env.ASSAY_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "assay");

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { AssayError } from "@assay/core/plugin";

/** Reads a published file, unpacked where its name ends in `.gz`, and refuses what is in it unless its SHA-256 (hex) is the one known here. */
export async function readVerified(file: string, expected: string, where: string, next: string): Promise<Uint8Array> {
  const place = `${where} ${path.basename(file)}`;
  const stored = await readFile(file).catch((cause: unknown) => {
    throw new AssayError({ code: "FILE-MISSING", where: place, what: "the file cannot be read", next, exit: 3 }, { cause });
  });
  // What is no gzip file has a wrong digest too.
  const bytes = file.endsWith(".gz") ? await promisify(gunzip)(stored).catch(() => stored) : stored;
  const got = createHash("sha256").update(bytes).digest("hex");
  if (got === expected) return bytes;
  throw new AssayError({
    code: "FILE-DIGEST",
    where: place,
    what: "the file is not the one that was published",
    expected,
    got,
    next,
    exit: 3,
  });
}

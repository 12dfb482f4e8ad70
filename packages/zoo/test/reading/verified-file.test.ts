import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readVerified } from "../../src/reading/verified-file.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "assay-verified-"));
  await writeFile(path.join(folder, "weights.bin"), "abc");
});
afterAll(() => rm(folder, { recursive: true }));

describe("a file with a known digest", () => {
  const known = createHash("sha256").update("abc").digest("hex");
  const read = (name: string, sha256: string) => readVerified(path.join(folder, name), sha256, "model/x", "Install it again.");

  it("is read when its bytes are the published ones", async () => {
    expect(Buffer.from(await read("weights.bin", known)).toString()).toBe("abc");
  });

  it("is refused when a byte differs, and says which file and what to do", async () => {
    const damaged = read("weights.bin", known.replace(/^./, "0"));
    await expect(damaged).rejects.toMatchObject({ code: "FILE-DIGEST", exit: 3 });
    await expect(damaged).rejects.toThrow(/model\/x weights\.bin.*Install it again\./);
  });

  it("is reported as missing when it is not there", async () => {
    await expect(read("other.bin", known)).rejects.toMatchObject({ code: "FILE-MISSING", exit: 3 });
  });
});

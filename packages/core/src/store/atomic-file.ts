import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, rename } from "node:fs/promises";
import { join } from "node:path";

export const sha256 = (data: Uint8Array | string): string => createHash("sha256").update(data).digest("hex");

/** Writes a file and has it on the disk before it returns; not atomic by itself. */
export async function writeDurably(file: string, data: Uint8Array | string): Promise<void> {
  const handle = await open(file, "wx");
  try {
    await handle.writeFile(data);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** Writes beside, syncs, renames: at any instant a reader sees the old file or the new one. `folder` must exist. */
export async function replaceFile(folder: string, name: string, data: Uint8Array | string): Promise<void> {
  const temporary = join(folder, `.${name}.${randomUUID()}.tmp`);
  await writeDurably(temporary, data);
  await rename(temporary, join(folder, name));
}

/**
 * A JSON value under a first line that names its digest.
 * What does not carry the digest of its own text is damaged, however well it parses.
 */
export function sealJson(kind: string, value: unknown): string {
  const text = JSON.stringify(value);
  return `${JSON.stringify({ assay: 1, kind, sha256: sha256(text) })}\n${text}`;
}

export function openJson(text: string): { readonly kind: string; readonly value: unknown } | undefined {
  const end = text.indexOf("\n");
  if (end < 0) return undefined;
  try {
    const header = JSON.parse(text.slice(0, end)) as { kind?: unknown; sha256?: unknown };
    const body = text.slice(end + 1);
    if (typeof header.kind !== "string" || header.sha256 !== sha256(body)) return undefined;
    return { kind: header.kind, value: JSON.parse(body) as unknown };
  } catch {
    return undefined;
  }
}

export const ensureFolder = async (folder: string): Promise<void> => void (await mkdir(folder, { recursive: true }));

import { readdir } from "node:fs/promises";
import { AssayError } from "@assay/core/plugin";

/** Size and colours that every image of a folder is brought to. */
export interface Target {
  readonly height: number;
  readonly width: number;
  readonly fit: "cover" | "fill";
  readonly channels: number;
}

/** Names of the PNG and JPEG files of a folder, in the order of their code units (the same on every machine). */
export async function listImages(folder: string): Promise<string[]> {
  const next = "Name a folder that holds .png, .jpg or .jpeg files.";
  const entries = await readdir(folder).catch((cause: unknown) => {
    throw new AssayError({ code: "DATASET-MISSING", where: folder, what: "the folder cannot be read", next }, { cause });
  });
  const names = entries.filter((name) => /\.(png|jpe?g)$/i.test(name)).sort();
  if (names.length > 0) return names;
  throw new AssayError({ code: "DATASET-EMPTY", where: folder, what: "the folder holds no images", next });
}

/** Decodes, turns upright by EXIF, lays on black where transparent, resizes (Lanczos 3): bytes `[h, w, c]`. */
export async function decodeImage(bytes: Uint8Array, { height, width, fit, channels }: Target): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp");
  const upright = sharp(bytes).rotate().flatten({ background: "black" });
  const coloured = channels === 1 ? upright.greyscale() : upright.toColourspace("srgb");
  return coloured.resize({ width, height, fit, position: "centre", kernel: "lanczos3" }).raw({ depth: "uchar" }).toBuffer();
}

/** What a file that sharp cannot decode is reported as. */
export function brokenImage(file: string, cause: unknown): AssayError {
  const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
  const next = "Replace the file, or take it out of the folder.";
  return new AssayError({ code: "IMAGE-BROKEN", where: file, what: `the image cannot be decoded (${reason})`, next }, { cause });
}

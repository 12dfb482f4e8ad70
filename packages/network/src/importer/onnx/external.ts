import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { AssayError } from "@assay/core/plugin";
import type { External } from "./constant.js";
import type { ModelMessage } from "./messages.js";

/** The files beside a model that hold weights: their bytes, in the order of their names, and what a tensor finds there. */
export async function readExternal(model: ModelMessage, path: string): Promise<{ files: readonly Uint8Array[]; external: External }> {
  const tensors = model.graph?.initializers ?? [];
  const names = [...new Set(tensors.flatMap(({ external }) => external?.get("location") ?? []))].sort();
  const files = new Map(await Promise.all(names.map(async (name) => [name, await read(path, name)] as const)));
  const external: External = ({ external: place, name }) => {
    const bytes = files.get(place?.get("location") ?? "");
    const from = Number(place?.get("offset") ?? 0);
    const to = place?.has("length") ? from + Number(place.get("length")) : bytes?.byteLength;
    if (bytes && to !== undefined && to <= bytes.byteLength) return bytes.subarray(from, to);
    throw new AssayError({
      code: "MODEL-WEIGHTS-LENGTH",
      where: path,
      what: `the data of tensor ${name} are not all there`,
      next: "Copy the model's files again",
    });
  };
  return { files: [...files.values()], external };
}

async function read(path: string, name: string): Promise<Uint8Array> {
  const missing = (what: string, cause?: unknown): AssayError =>
    new AssayError({ code: "MODEL-SHARD-MISSING", where: path, what, next: "Copy the file beside the model" }, { cause });
  if (basename(name) !== name) throw missing(`the weight file ${name} does not lie beside the model`);
  return readFile(join(dirname(path), name)).catch((cause: unknown) => {
    throw missing(`the weight file ${name} cannot be read`, cause);
  });
}

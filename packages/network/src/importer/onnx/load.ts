import { createHash } from "node:crypto";
import { AssayError } from "@assay/core/plugin";
import type { Graph } from "../../graph/graph.js";
import type { WeightTable } from "../../graph/weights.js";
import { readExternal } from "./external.js";
import { readModel, type ModelMessage } from "./messages.js";
import { readOnnx } from "./read-graph.js";

/** An ONNX file: its network, and the digest of it and of the weight files beside it. */
export async function examineOnnx(bytes: Uint8Array, path: string): Promise<{ graph: Graph; weights: WeightTable; digest: string }> {
  const model = parse(bytes, path);
  const { files, external } = await readExternal(model, path);
  const hash = createHash("sha256").update(bytes);
  for (const file of files) hash.update(file);
  return { ...readOnnx(model, external, path), digest: hash.digest("hex") };
}

function parse(bytes: Uint8Array, where: string): ModelMessage {
  try {
    return readModel(bytes);
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new AssayError({ code: "MODEL-FILE-FORMAT", where, what: "the file is no ONNX model", got, next: "Export it again" }, { cause });
  }
}

import type { Dataset } from "@assay/core/plugin";
import { parseIdx } from "./idx.js";
import { preprocess } from "./preprocessing.js";
import { checkRead, digestOf, select } from "./selection.js";

/** A split of a data set in LeCun's format: 28×28 grey images and their labels. */
export interface IdxSplit {
  readonly where: string;
  /** file of images, file of labels: names and known SHA-256 of what is in them */
  readonly files: readonly [images: string, labels: string];
  readonly sha256: Readonly<Record<string, string>>;
  /** the bytes of a file, held against its digest */
  readonly read: (name: string) => Promise<Uint8Array>;
  readonly classes: readonly string[];
}

/** Opens the selected part of a split: x/255 ∈ [0, 1], black background 0, ids are places within the split. */
export async function openIdx(
  { where, files, sha256, read, classes }: IdxSplit,
  selected: { readonly offset: number; readonly limit?: number },
): Promise<Dataset> {
  const [images, labels] = await Promise.all(files.map(async (name) => parseIdx(await read(name), `${where} ${name}`)));
  const { from, count } = select(images!.sizes[0]!, selected, where);
  const pixels = images!.values.slice(from * 784, (from + count) * 784);
  return {
    count,
    shape: [28, 28, 1],
    digest: digestOf({ files: files.map((file) => sha256[file]), preprocessing: "x/255", from, count }),
    ids: Array.from({ length: count }, (_, i) => String(from + i)),
    labels: Int32Array.from(labels!.values.subarray(from, from + count)),
    classes,
    background: 0,
    async read(first, n) {
      checkRead(first, n, count, where);
      return Promise.resolve(preprocess(pixels.subarray(first * 784, (first + n) * 784), 1, "unit"));
    },
  };
}

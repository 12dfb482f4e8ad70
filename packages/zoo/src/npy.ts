import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { AssayError, decodeNpy, defineDataset, integer, list, number, optional, path, strictObject } from "@assay/core/plugin";
import { checkRead, digestOf, select, selection } from "./reading/selection.js";

/** The shape `[n, h, w, c]` that an array of two to four axes stands for. */
function asBatch(shape: readonly number[], where: string): readonly [n: number, h: number, w: number, c: number] {
  const [a = 0, b = 0, c = 0, d = 0] = shape;
  if (shape.length === 2) return [1, a, b, 1];
  if (shape.length === 3) return [1, a, b, c];
  if (shape.length === 4) return [a, b, c, d];
  const expected = "[h, w], [h, w, c] or [n, h, w, c]";
  throw new AssayError({ code: "NPY-SHAPE", where, what: "the array holds no images", expected, got: JSON.stringify(shape) });
}

function checkFinite(values: Float32Array, [, h, w, c]: readonly [number, number, number, number], where: string): void {
  const i = values.findIndex((value) => !Number.isFinite(value));
  if (i < 0) return;
  const place = [Math.floor(i / (h * w * c)), Math.floor(i / (w * c)) % h, Math.floor(i / c) % w, i % c];
  const what = `the value at [${place.join(", ")}] (image, row, column, channel) is not finite`;
  throw new AssayError({
    code: "DATASET-NONFINITE",
    where,
    what,
    expected: "finite numbers",
    got: String(values[i]),
    next: "Repair the array.",
  });
}

/**
 * A numpy file of images that are already in model-input units: `[n, h, w, c]`, or one image `[h, w, c]` or `[h, w]`.
 * Three axes always mean one image with channels. Values become float32; one that is not finite is an error. Ids are places in the file.
 */
export const npy = defineDataset({
  name: "npy",
  version: "1",
  summary: "images from a .npy file, in model-input units",
  params: strictObject({
    path: path({ description: "the .npy file" }),
    labels: optional(
      list(integer({ minimum: 0, description: "a class index" }), { description: "class of every image of the file, in its order" }),
    ),
    background: optional(number({ description: "value of an empty pixel; the `foreground` mask of a view needs it" })),
    ...selection,
  }),
  async open({ path: file, labels, background, ...rest }) {
    const bytes = await readFile(file).catch((cause: unknown) => {
      throw new AssayError({ code: "DATASET-MISSING", where: file, what: "the file cannot be read", next: "Check the path." }, { cause });
    });
    const { values: stored, shape } = decodeNpy(bytes, file);
    const values = stored instanceof Float32Array ? stored : Float32Array.from(stored);
    const batch = asBatch(shape, file);
    const [n, h, w, c] = batch;
    checkFinite(values, batch, file);
    if (labels !== undefined && labels.length !== n) {
      const [expected, got] = [`${String(n)} labels`, String(labels.length)];
      throw new AssayError({ code: "DATASET-LABELS", where: file, what: "not every image has one label", expected, got });
    }
    const { from, count } = select(n, rest, file);
    const size = h * w * c;
    return {
      count,
      shape: [h, w, c],
      digest: digestOf({ sha256: createHash("sha256").update(bytes).digest("hex"), labels, background, from, count }),
      ids: Array.from({ length: count }, (_, i) => String(from + i)),
      ...(labels && { labels: Int32Array.from(labels.slice(from, from + count)) }),
      ...(background !== undefined && { background }),
      async read(first, images) {
        checkRead(first, images, count, file);
        return Promise.resolve(values.slice((from + first) * size, (from + first + images) * size));
      },
    };
  },
});

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { AssayError, AssayErrors, choice, defineDataset, integer, path as pathParam, strictObject } from "@assay/core/plugin";
import { brokenImage, decodeImage, listImages } from "./reading/image-folder.js";
import { PREPROCESSING, preprocess } from "./reading/preprocessing.js";
import { checkRead, digestOf, select, selection } from "./reading/selection.js";

/**
 * A folder of PNG and JPEG files as images `[height, width, channels]` in model-input units. Ids are file names.
 * Opening reads every chosen file once (digest, header); pixels are decoded when they are read. Transparent pixels lie on black.
 * The digest names the decoder's version too, since resizing may differ between versions.
 */
export const images = defineDataset({
  name: "images",
  version: "1",
  summary: "a folder of PNG and JPEG files, resized",
  params: strictObject({
    folder: pathParam({
      description: "folder of .png, .jpg and .jpeg files, taken in the order of their names; subfolders are not entered",
    }),
    height: integer({ minimum: 1, description: "height in pixels that every image is brought to" }),
    width: integer({ minimum: 1, description: "width in pixels that every image is brought to" }),
    fit: choice(["cover", "fill"], {
      default: "cover",
      description: "`cover` keeps proportions and crops around the centre, `fill` stretches",
    }),
    channels: integer({ minimum: 1, maximum: 3, default: 3, description: "3: red, green, blue; 1: luminance" }),
    preprocessing: choice(PREPROCESSING, {
      default: "unit",
      description:
        "bytes to model-input units: `unit` x/255, `symmetric` x/127.5 − 1, `imagenet-mean-std` (x/255 − mean)/deviation by channel",
    }),
    ...selection,
  }),
  async open({ folder, preprocessing, offset, limit, ...target }) {
    const { height, width, channels } = target;
    if (channels === 2) {
      throw new AssayError({
        code: "DATASET-CHANNELS",
        where: "dataset/images",
        what: "no image has so many channels",
        expected: "1 or 3",
        got: "2",
      });
    }
    const names = await listImages(folder);
    const { default: sharp } = await import("sharp");
    const { from, count } = select(names.length, limit === undefined ? { offset } : { offset, limit }, folder);
    const ids = names.slice(from, from + count);
    const broken: AssayError[] = [];
    const files: string[] = [];
    for (const file of ids.map((id) => path.join(folder, id))) {
      const bytes = await readFile(file);
      files.push(createHash("sha256").update(bytes).digest("hex"));
      await sharp(bytes)
        .metadata()
        .catch((cause: unknown) => broken.push(brokenImage(file, cause)));
    }
    if (broken.length > 0) throw new AssayErrors(broken);
    return {
      count,
      shape: [height, width, channels],
      digest: digestOf({ files, target, preprocessing, decoder: sharp.versions.vips }),
      ids,
      async read(first, n) {
        checkRead(first, n, count, folder);
        const size = height * width * channels;
        const values = new Float32Array(n * size);
        for (const [i, id] of ids.slice(first, first + n).entries()) {
          const file = path.join(folder, id);
          const bytes = await readFile(file);
          const pixels = await decodeImage(bytes, target).catch((cause: unknown) => Promise.reject(brokenImage(file, cause)));
          values.set(preprocess(pixels, channels, preprocessing), i * size);
        }
        return values;
      },
    };
  },
});

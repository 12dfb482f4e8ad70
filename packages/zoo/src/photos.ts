import { fileURLToPath } from "node:url";
import { choice, defineDataset, integer, strictObject } from "@assay/core/plugin";
import { images } from "./images.js";
import { PREPROCESSING } from "./reading/preprocessing.js";
import { selection } from "./reading/selection.js";

const FOLDER = fileURLToPath(new URL("../photos/", import.meta.url));

/**
 * Four photographs in colour: an astronaut, a cat (chelsea), a cup of coffee, a rocket; `[size, size, 3]` in model-input units. The files
 * are 224×224 crops of scikit-image's pictures (CC0; the astronaut is NASA's, public domain); other sizes are resized from them.
 * Ids are file names.
 */
export const photos = defineDataset({
  name: "photos",
  version: "1",
  summary: "four photographs, for networks of natural images",
  params: strictObject({
    size: integer({ minimum: 1, default: 224, description: "height and width in pixels" }),
    preprocessing: choice(PREPROCESSING, {
      default: "imagenet-mean-std",
      description:
        "bytes to model-input units: `imagenet-mean-std` (x/255 − mean)/deviation by channel, `symmetric` x/127.5 − 1 (Inception), `unit` x/255",
    }),
    ...selection,
  }),
  open: ({ size, preprocessing, ...selected }, context) =>
    images.open({ folder: FOLDER, height: size, width: size, fit: "cover", channels: 3, preprocessing, ...selected }, context),
});

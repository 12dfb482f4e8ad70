import { AssayError, defineSurrogate, integer, strictObject } from "@assay/core/plugin";

/**
 * In place of each image's map, the map of another image, chosen at random; every other image once before any comes again.
 *
 * Keeps smoothness and the layout that a data set shares (its black frame, its centred objects), and destroys what belongs
 * to the image. The choice for an image depends on the seed and on the set of ids, not on their order.
 */
export const crossed = defineSurrogate({
  name: "crossed",
  version: "1",
  summary: "maps exchanged between images",
  minimumImages: 2,
  params: strictObject({ times: integer({ minimum: 1, default: 10, description: "other images taken for each" }) }),
  surrogate({ values, height, width, channels, images }, random, { times }) {
    const size = height * width * channels;
    const byId = Array.from(images.keys()).sort((i, j) => images[i]! - images[j]!);
    const made = new Float32Array(images.length * times * size);
    images.forEach((image, i) => {
      const others = byId.filter((j) => images[j] !== image);
      if (others.length === 0) {
        const next = "Explain more images, or leave this surrogate out.";
        throw new AssayError({ code: "SURROGATE-CROSSED", where: "surrogate/crossed", what: "there is no other image to take a map from", expected: "at least 2 images", got: "1", next }); // prettier-ignore
      }
      const stream = random.split("image", image);
      let order = stream.permutation(others.length);
      for (let time = 0; time < times; time++) {
        const turn = time % others.length;
        if (time > 0 && turn === 0) order = stream.permutation(others.length);
        const from = others[order[turn]!]! * size;
        made.set(values.subarray(from, from + size), (i * times + time) * size);
      }
    });
    return {
      values: made,
      height,
      width,
      channels,
      images: Int32Array.from({ length: images.length * times }, (_, k) => images[Math.floor(k / times)]!),
    };
  },
});

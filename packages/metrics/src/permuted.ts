import { defineSurrogate, integer, strictObject } from "@assay/core/plugin";

/**
 * Each map with its values permuted over the cells that are not exactly zero; the channels of a cell stay together.
 *
 * Keeps support, ties and the distribution of values, and destroys every layout: what is alike then is alike by chance.
 * The `times` versions of an image depend on the seed, its id and its map only.
 */
export const permuted = defineSurrogate({
  name: "permuted",
  version: "1",
  summary: "values permuted over the cells that are not zero",
  params: strictObject({ times: integer({ minimum: 1, default: 20, description: "permutations of each map" }) }),
  surrogate({ values, height, width, channels, images }, random, { times }) {
    const size = height * width * channels;
    const made = new Float32Array(images.length * times * size);
    images.forEach((image, i) => {
      const map = values.subarray(i * size, (i + 1) * size);
      const cells: number[] = [];
      for (let at = 0; at < size; at += channels) if (map.subarray(at, at + channels).some((v) => v !== 0)) cells.push(at);
      const stream = random.split("image", image);
      for (let time = 0; time < times; time++) {
        const to = made.subarray((i * times + time) * size, (i * times + time + 1) * size);
        to.set(map);
        stream.permutation(cells.length).forEach((from, k) => {
          for (let c = 0; c < channels; c++) to[cells[k]! + c] = map[cells[from]! + c]!;
        });
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

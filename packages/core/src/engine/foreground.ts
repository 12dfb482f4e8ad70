import { AssayError, type Dataset } from "../plugin/index.js";

const masks = new WeakMap<Dataset, Promise<Uint8Array<SharedArrayBuffer>>>();

/** `[images, height, width]`: 1 where any channel of the input differs from the data set's background. */
export function foregroundOf(dataset: Dataset, where: string): Promise<Uint8Array<SharedArrayBuffer>> {
  const known = masks.get(dataset);
  if (known) return known;
  const made = mask(dataset, where);
  masks.set(dataset, made);
  return made;
}

async function mask(dataset: Dataset, where: string): Promise<Uint8Array<SharedArrayBuffer>> {
  const { background, count, shape } = dataset;
  if (background === undefined) {
    throw new AssayError({
      code: "VIEW-FOREGROUND",
      where,
      what: "a view asks for the foreground, but the data set does not say what its background is",
      next: "Leave `foreground` out of the view.",
      exit: 1,
    });
  }
  const [height, width, channels] = shape;
  const cells = height * width;
  const inside = new Uint8Array(new SharedArrayBuffer(count * cells));
  for (let image = 0; image < count; image++) {
    const values = await dataset.read(image, 1);
    values.forEach((value, i) => {
      if (value !== Math.fround(background)) inside[image * cells + Math.floor(i / channels)] = 1;
    });
  }
  return inside;
}

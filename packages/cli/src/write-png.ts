import type { MapImage, ViewName } from "@assay/core";

const SMALLEST = 256;

/** Blue below zero, white at zero, red above; grey levels where a view has no sign. */
function colour(value: number, signed: boolean): [number, number, number] {
  if (!signed) {
    const grey = Math.round(255 * Math.min(1, Math.max(0, value)));
    return [grey, grey, grey];
  }
  const fade = Math.round(255 * (1 - Math.min(1, Math.abs(value))));
  return value >= 0 ? [255, fade, fade] : [fade, fade, 255];
}

/** Writes one map as a PNG, enlarged to at least 256 pixels a side without smoothing. Raw values are scaled by their largest magnitude. */
export async function writePng(file: string, { values, height, width, channels }: MapImage, view: ViewName): Promise<void> {
  const signed = view === "raw" || view === "signed" || view === "signed-paper";
  const largest = view === "raw" ? values.reduce((a, b) => Math.max(a, Math.abs(b)), 0) || 1 : 1;
  const pixels = new Uint8Array(height * width * 3);
  for (let cell = 0; cell < height * width; cell++) {
    let value = 0;
    for (let c = 0; c < channels; c++) value += values[cell * channels + c]! / channels;
    pixels.set(colour(value / largest, signed), cell * 3);
  }
  const scale = Math.max(1, Math.ceil(SMALLEST / Math.min(height, width)));
  const { default: sharp } = await import("sharp");
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize({ width: width * scale, height: height * scale, kernel: "nearest" })
    .png()
    .toFile(file);
}

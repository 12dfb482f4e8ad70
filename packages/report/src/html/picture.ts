import type { MapImage } from "@assay/core/plugin";
import { diverging, ink } from "../colors.js";

const SMALLEST = 96;
const LARGEST = 160;

/** A map of one channel as a data URI: ink for values 0 … 1, blue to red for −1 … 1. */
export function mapPicture({ values, height, width }: MapImage, colors: "ink" | "diverging"): Promise<string> {
  const color = colors === "ink" ? ink : diverging;
  const pixels = new Uint8Array(height * width * 3);
  for (let i = 0; i < height * width; i++) pixels.set(color(values[i] ?? 0), 3 * i);
  return encode(pixels, height, width, 3);
}

/** An input image, stretched from its own lowest to its own highest value, because model-input units vary. */
export function inputPicture({ values, height, width, channels }: MapImage): Promise<string> {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const span = high > low ? high - low : 1;
  const kept = channels === 3 ? 3 : 1;
  const pixels = new Uint8Array(height * width * kept);
  for (let i = 0; i < height * width; i++) {
    for (let c = 0; c < kept; c++) pixels[i * kept + c] = Math.round((255 * ((values[i * channels + c] ?? 0) - low)) / span);
  }
  return encode(pixels, height, width, kept);
}

/** Whether a map has more cells than are shown. */
export const isFine = ({ height, width }: { readonly height: number; readonly width: number }): boolean =>
  Math.max(height, width) >= SMALLEST;

/**
 * Small maps are enlarged cell by cell, so that every cell stays a sharp square, and kept without loss. Large ones are reduced to what a
 * report shows, as WebP: a grid of 17 stages then takes 4 MB rather than 30.
 */
async function encode(pixels: Uint8Array, height: number, width: number, channels: 1 | 3): Promise<string> {
  const longest = Math.max(height, width);
  const fine = isFine({ height, width });
  const times = fine ? Math.min(1, LARGEST / longest) : Math.ceil(SMALLEST / longest);
  const size = { width: Math.max(1, Math.round(width * times)), height: Math.max(1, Math.round(height * times)), fit: "fill" } as const;
  const { default: sharp } = await import("sharp");
  const image = sharp(pixels, { raw: { width, height, channels } }).resize({ ...size, kernel: fine ? "lanczos3" : "nearest" });
  const bytes = await (
    fine ? image.webp({ quality: 80, smartSubsample: true }) : image.png({ compressionLevel: 9, palette: channels === 1 })
  ).toBuffer();
  return `data:image/${fine ? "webp" : "png"};base64,${bytes.toString("base64")}`;
}

import type { GridData } from "./grid.js";
import { escapeHtml } from "./html/markup.js";

/** All methods side by side at one stage, for a tracker that shows one picture at a time. */
export interface Composite {
  readonly image: number;
  /** stage index, 0 = trained */
  readonly step: number;
  readonly stage: string;
  /** bytes of a PNG */
  readonly png: Buffer;
}

const SIDE = 150;
const LABEL = 20;
const GAP = 8;
const COLUMNS = 6;
const LARGE = 280;

/** One picture an image and stage: the methods in the order of the spec, each under its name. */
export async function stageComposites({ images, stages, methods, pictures }: GridData): Promise<Composite[]> {
  const { default: sharp } = await import("sharp");
  const columns = Math.min(COLUMNS, methods.length);
  const width = GAP + columns * (SIDE + GAP);
  const height = GAP + Math.ceil(methods.length / columns) * (SIDE + LABEL + GAP);
  const place = (k: number) => ({ left: GAP + (k % columns) * (SIDE + GAP), top: GAP + Math.floor(k / columns) * (SIDE + LABEL + GAP) });
  const texts = methods.map((method, k) => {
    const { left, top } = place(k);
    return `<text x="${left}" y="${top + 14}" font-family="sans-serif" font-size="13">${escapeHtml(method)}</text>`;
  });
  const labels = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${texts.join("")}</svg>`);
  const all = images.flatMap((image) => ["trained", ...stages].map((stage, step) => ({ image, stage, step })));
  return Promise.all(
    all.map(async ({ image, stage, step }) => {
      const own = pictures.filter((picture) => picture.image === image && picture.step === step);
      const tiles = await Promise.all(
        own.map(async ({ method, source }) => {
          const { left, top } = place(methods.indexOf(method));
          return { input: await tile(source), left, top: top + LABEL };
        }),
      );
      const canvas = sharp({ create: { width, height, channels: 3, background: "#ffffff" } });
      const png = await canvas
        .composite([...tiles, { input: labels, left: 0, top: 0 }])
        .png({ compressionLevel: 9 })
        .toBuffer();
      return { image, step, stage, png };
    }),
  );
}

/** One method's map, large enough for a tracker that shows pictures as they are. */
export const enlarged = (dataUri: string): Promise<Buffer> => tile(dataUri, LARGE);

async function tile(dataUri: string, side = SIDE): Promise<Buffer> {
  const { default: sharp } = await import("sharp");
  return sharp(Buffer.from(dataUri.slice(dataUri.indexOf(",") + 1), "base64"))
    .resize(side, side, { kernel: "nearest", fit: "fill" })
    .png()
    .toBuffer();
}

/** How bytes become model-input units. */
export const PREPROCESSING = ["unit", "symmetric", "imagenet-mean-std"] as const;
export type Preprocessing = (typeof PREPROCESSING)[number];

/** Mean and deviation of ImageNet's training images by channel (red, green, blue), on [0, 1]: torchvision's constants. */
const MEAN = [0.485, 0.456, 0.406] as const;
const DEVIATION = [0.229, 0.224, 0.225] as const;

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The value of each byte 0 … 255 in one channel. */
function table(preset: Preprocessing, channel: number, channels: number): Float32Array {
  const mean = channels === 3 ? MEAN[channel]! : average(MEAN);
  const deviation = channels === 3 ? DEVIATION[channel]! : average(DEVIATION);
  return Float32Array.from({ length: 256 }, (_, byte) => {
    if (preset === "unit") return byte / 255;
    if (preset === "symmetric") return byte / 127.5 - 1;
    return (byte / 255 - mean) / deviation;
  });
}

/** Applies a preset to bytes `[…, channels]`; `imagenet-mean-std` normalises a single grey channel by the mean of the three. */
export function preprocess(bytes: Uint8Array, channels: number, preset: Preprocessing): Float32Array {
  const values = new Float32Array(bytes.length);
  for (let channel = 0; channel < channels; channel++) {
    const units = table(preset, channel, channels);
    for (let i = channel; i < bytes.length; i += channels) values[i] = units[bytes[i]!]!;
  }
  return values;
}

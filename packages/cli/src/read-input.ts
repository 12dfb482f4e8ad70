import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { AssayError, decodeNpy, type ImageBatch, type ModelFacts } from "@assay/core";
import { decodeImage, preprocess, type Preprocessing } from "@assay/zoo";

/** The images behind `--input`, checked against the model: `.npy` in model-input units, or a PNG or JPEG that is brought to the model's size. */
export async function readInput(file: string, given: string, model: ModelFacts, preprocessing: Preprocessing): Promise<ImageBatch> {
  const bytes = readBytes(file, given);
  const [height, width, channels] = model.inputShape;
  const expected = `[${height}, ${width}, ${channels}] or [n, ${height}, ${width}, ${channels}]`;
  if (extname(file).toLowerCase() !== ".npy") {
    const pixels = await decodeImage(bytes, { height, width, channels, fit: "cover" }).catch((cause: unknown) => {
      throw new AssayError(
        { code: "IMAGE-BROKEN", where: given, what: "the image cannot be decoded", expected: "an .npy, PNG or JPEG file" },
        { cause },
      );
    });
    return { values: preprocess(pixels, channels, preprocessing), shape: [1, height, width, channels] };
  }
  const { values, shape } = decodeNpy(bytes, given);
  const inner = shape.slice(-3);
  if (shape.length < 3 || shape.length > 4 || inner.join() !== model.inputShape.join()) {
    throw new AssayError({
      code: "INPUT-SHAPE",
      where: given,
      what: "the model takes other inputs",
      expected,
      got: `[${shape.join(", ")}]`,
    });
  }
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    throw new AssayError({
      code: "INPUT-NONFINITE",
      where: given,
      what: `value ${wrong} is ${values[wrong]}`,
      expected: "finite numbers",
      next: "Mend the file.",
    });
  }
  return { values: Float32Array.from(values), shape: [shape.length === 4 ? shape[0]! : 1, height, width, channels] };
}

function readBytes(file: string, given: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new AssayError(
      { code: "INPUT-MISSING", where: given, what: "the file cannot be read", next: "Check the path." },
      { cause: error },
    );
  }
}

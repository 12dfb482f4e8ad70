import { existsSync } from "node:fs";
import path from "node:path";
import { AssayError, cacheFolder, choice, defineDataset, strictObject } from "@assay/core/plugin";
import { openIdx } from "./reading/idx-images.js";
import { selection } from "./reading/selection.js";
import { readVerified } from "./reading/verified-file.js";

/** SHA-256 of the four published files, unpacked. */
const SHA256: Readonly<Record<string, string>> = {
  "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
  "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
  "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
  "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
};

const WHERE = "dataset/fashion-mnist";
/** Where Debian's package `dataset-fashion-mnist` puts the files. */
const DEBIAN = "/usr/share/datasets/fashion-mnist";

function folder(): string {
  const own = path.join(cacheFolder(process.env), "fashion-mnist");
  const found = [own, DEBIAN].find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new AssayError({
    code: "DATASET-MISSING",
    where: WHERE,
    what: "the images are not on this machine",
    expected: `its four files (…-ubyte.gz) in ${own}`,
    next: "In a checkout type `npm run fashion-mnist`; on Debian or Ubuntu `apt install dataset-fashion-mnist`; else take the files from github.com/zalandoresearch/fashion-mnist.",
    exit: 3,
  });
}

const read = (name: string): Promise<Uint8Array> =>
  readVerified(path.join(folder(), `${name}.gz`), SHA256[name]!, WHERE, `Delete ${folder()} and fetch the files again.`);

/**
 * Zalando's clothes: 28×28 grey images, x/255 ∈ [0, 1], black background 0, ten classes; 10,000 test and 60,000 training images.
 * Read from the cache folder or from Debian's package; every file is checked against its known digest on opening. Ids are places within the split.
 */
export const fashionMnist = defineDataset({
  name: "fashion-mnist",
  version: "1",
  summary: "clothes, 28×28 grey, in [0, 1]",
  paper: "Xiao et al. 2017, arXiv:1708.07747",
  params: strictObject({
    split: choice(["test", "train"], { default: "test", description: "10,000 test or 60,000 training images" }),
    ...selection,
  }),
  open({ split, ...selected }) {
    const prefix = split === "test" ? "t10k" : "train";
    return openIdx(
      {
        where: WHERE,
        files: [`${prefix}-images-idx3-ubyte`, `${prefix}-labels-idx1-ubyte`],
        sha256: SHA256,
        read,
        classes: ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
      },
      selected,
    );
  },
});

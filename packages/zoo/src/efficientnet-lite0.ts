import path from "node:path";
import { fileURLToPath } from "node:url";
import { defineModel, strictObject } from "@assay/core/plugin";
import { loadModel, readTopology, type ImportOptions } from "@assay/network";
import { readVerified } from "./reading/verified-file.js";

const FILE = fileURLToPath(new URL("../models/efficientnet-lite0/efficientnet-lite0.onnx", import.meta.url));
const SHA256 = "eb0fb04d6bb709fed9fa43e8c15bade6e398569b7968e19517ca992a03a94098";
const STAGES = Array.from({ length: 16 }, (_, i) => `_blocks.${15 - i}`);
const options: ImportOptions = { blocks: ["_fc", "_conv_head", ...STAGES, "_conv_stem"] };

async function verified(): Promise<string> {
  const next = "Install @assay/zoo again, or check the repository out again without converting line ends.";
  await readVerified(FILE, SHA256, `model/${path.basename(FILE, ".onnx")}`, next);
  return FILE;
}

/**
 * EfficientNet-Lite0, trained on ImageNet-1k: a photograph 224×224×3 in, prepared by `imagenet-mean-std`, 1000 logits out. Convolutions
 * with ReLU6, depthwise ones among them, 16 inverted-residual blocks; batch normalisation is folded into the convolutions. The
 * weights come with the package, as an ONNX file that PyTorch wrote. Blocks, output first, by the names in the file: `_fc`,
 * `_conv_head`, `_blocks.15` … `_blocks.0`, `_conv_stem`. CAM methods look at `_conv_head/clip`, 7×7×1280.
 */
export const efficientnetLite0 = defineModel({
  name: "efficientnet-lite0",
  version: "1",
  summary: "a real ImageNet network: EfficientNet-Lite0 with trained weights",
  paper: "Tan & Le 2019, arXiv:1905.11946",
  params: strictObject({}),
  describe: async () => readTopology(await verified(), options),
  load: async () => loadModel(await verified(), options),
});

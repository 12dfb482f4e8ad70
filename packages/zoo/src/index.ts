import { adam } from "./adam.js";
import { efficientnetLite0 } from "./efficientnet-lite0.js";
import { fashionMnist } from "./fashion-mnist.js";
import { file } from "./file.js";
import { images } from "./images.js";
import { inceptionV3 } from "./inception-v3.js";
import { linear } from "./linear.js";
import { mnistCnn } from "./mnist-cnn.js";
import { mnistMlp } from "./mnist-mlp.js";
import { mnist } from "./mnist.js";
import { npy } from "./npy.js";
import { photos } from "./photos.js";
import { sumPool } from "./sum-pool.js";

export { decodeImage } from "./reading/image-folder.js";
export { preprocess, PREPROCESSING, type Preprocessing } from "./reading/preprocessing.js";
export { adam, efficientnetLite0, fashionMnist, file, images, inceptionV3, linear, mnist, mnistCnn, mnistMlp, npy, photos, sumPool };

export default [mnist, fashionMnist, npy, images, photos, mnistCnn, mnistMlp, efficientnetLite0, inceptionV3, file, linear, sumPool, adam];

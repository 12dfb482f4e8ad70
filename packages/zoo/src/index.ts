import { images } from "./images.js";
import { mnist } from "./mnist.js";

export { images, mnist };
export { decode as decodeImage } from "./reading/image-folder.js";
export { PREPROCESSING, preprocess, type Preprocessing } from "./reading/preprocessing.js";

export default [mnist, images];

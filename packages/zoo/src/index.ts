import { images } from "./dataset/images.js";
import { mnist } from "./dataset/mnist.js";

export { images, mnist };

export default [mnist, images];

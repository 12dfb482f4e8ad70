import { images } from "./images.js";
import { mnist } from "./mnist.js";

export { images, mnist };

export default [mnist, images];

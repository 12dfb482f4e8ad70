import { cascade } from "./cascade.js";
import { independent } from "./independent.js";
import { labelNoise } from "./label-noise.js";
import { permuteLabels } from "./permute-labels.js";

export default [cascade, independent, permuteLabels, labelNoise];

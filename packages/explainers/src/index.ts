import { deconvnet } from "./deconvnet.js";
import { edgeDetector } from "./edge-detector.js";
import { gradCam } from "./grad-cam.js";
import { gradientXInput } from "./gradient-x-input.js";
import { gradient } from "./gradient.js";
import { guidedBackprop } from "./guided-backprop.js";
import { guidedGradCam } from "./guided-grad-cam.js";
import { inputShift } from "./input-shift.js";
import { integratedGradients } from "./integrated-gradients.js";
import { occlusion } from "./occlusion.js";
import { randomDirection } from "./random-direction.js";
import { randomLogit } from "./random-logit.js";
import { smoothgrad } from "./smoothgrad.js";
import { uniformNoise } from "./uniform-noise.js";
import { vargrad } from "./vargrad.js";

export default [
  gradient,
  gradientXInput,
  integratedGradients,
  smoothgrad,
  vargrad,
  guidedBackprop,
  deconvnet,
  gradCam,
  guidedGradCam,
  occlusion,
  randomLogit,
  randomDirection,
  inputShift,
  edgeDetector,
  uniformNoise,
];

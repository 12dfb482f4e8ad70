import { guidedGradCam } from "../src/guided-grad-cam.js";
import { agreesWithOracle } from "./oracle.js";

agreesWithOracle(guidedGradCam, ({ manifest }) =>
  Object.keys(manifest.arrays).flatMap((array) => {
    const [, layer, resize] = /^guided-grad-cam\.(.+)\.(half-pixel|legacy)$/.exec(array) ?? [];
    return layer === undefined ? [] : [{ array, params: { layer, resize } }];
  }),
);

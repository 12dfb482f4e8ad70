import { gradCam } from "../src/grad-cam.js";
import { agreesWithOracle } from "./oracle.js";

const KINDS = ["half-pixel", "legacy"] as const;

agreesWithOracle(gradCam, ({ manifest }) =>
  Object.keys(manifest.arrays).flatMap((array) => {
    const [, layer, resize] = /^grad-cam\.(.+)\.(half-pixel|legacy)$/.exec(array) ?? [];
    return layer !== undefined && KINDS.some((kind) => kind === resize) ? [{ array, params: { layer, resize } }] : [];
  }),
);

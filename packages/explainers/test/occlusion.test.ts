import { occlusion } from "../src/occlusion.js";
import { agreesWithOracle } from "./oracle.js";

agreesWithOracle(occlusion, ({ manifest: { occlusion: { window, stride, baseline } } }) => [{ array: "occlusion", params: { window, stride, baseline } }]); // prettier-ignore

import { deconvnet } from "../src/deconvnet.js";
import { agreesWithOracle } from "./oracle.js";

agreesWithOracle(deconvnet, () => [{ array: "deconvnet" }]);

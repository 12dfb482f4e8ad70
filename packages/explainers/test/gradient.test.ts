import { gradient } from "../src/gradient.js";
import { agreesWithOracle } from "./oracle.js";

agreesWithOracle(gradient, () => [{ array: "gradient" }]);

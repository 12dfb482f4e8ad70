import { gradientXInput } from "../src/gradient-x-input.js";
import { agreesWithOracle } from "./oracle.js";

agreesWithOracle(gradientXInput, () => [{ array: "gradient-x-input" }]);

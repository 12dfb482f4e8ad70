import { guidedBackprop } from "../src/guided-backprop.js";
import { agreesWithOracle } from "./oracle.js";

agreesWithOracle(guidedBackprop, () => [{ array: "guided-backprop" }]);

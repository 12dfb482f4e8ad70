import { vargrad } from "../src/vargrad.js";
import { agreesWithOracle } from "./oracle.js";

agreesWithOracle(vargrad, () => [{ array: "vargrad", params: { samples: 8 }, noise: true }]);

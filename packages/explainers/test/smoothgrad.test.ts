import { integratedGradients } from "../src/integrated-gradients.js";
import { smoothgrad } from "../src/smoothgrad.js";
import { agreesWithOracle, withDefaults } from "./oracle.js";

const inner = {
  plugin: { id: "explainer/integrated-gradients", definition: integratedGradients, origin: "test", module: "", codeDigest: "" },
  params: withDefaults(integratedGradients),
};

agreesWithOracle(smoothgrad, () => [
  { array: "smoothgrad", params: { samples: 8 }, noise: true },
  { array: "integrated-gradients-smoothgrad", params: { samples: 8 }, inner, noise: true },
]);

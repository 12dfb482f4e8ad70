import { integratedGradients } from "../src/integrated-gradients.js";
import { agreesWithOracle } from "./oracle.js";

agreesWithOracle(integratedGradients, (golden) => [
  { array: "integrated-gradients" },
  { array: "integrated-gradients.paper", params: { rule: "paper" } },
  ...("baseline" in golden.manifest.arrays
    ? [
        { array: "integrated-gradients.baseline-array", params: { baseline: golden.file("baseline") } },
        { array: "integrated-gradients.paper.baseline-array", params: { baseline: golden.file("baseline"), rule: "paper" } },
      ]
    : []),
]);

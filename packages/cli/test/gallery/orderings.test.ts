import { orderings } from "./orderings.js";
import { runExperiment } from "./experiment.js";

const small = ["images=10", "draws=[0,1]"];

orderings("the CNN's cascade", "fc1", () =>
  runExperiment("mnist-cascade.yaml", small, ["vargrad", "deconvnet", "guided-grad-cam", "occlusion"]),
);
orderings("the MLP's cascade", "hidden3", () =>
  runExperiment("mlp-cascade.yaml", small, ["vargrad", "deconvnet", "occlusion", "smoothgrad-integrated-gradients"]),
);

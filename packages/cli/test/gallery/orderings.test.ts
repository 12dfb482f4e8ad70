import { guidedKeepsMost, once, orderings } from "./orderings.js";
import { runExperiment } from "./experiment.js";

const small = ["images=10", "draws=[0,1]"];
const cnn = once(() => runExperiment("mnist-cascade.yaml", small, ["vargrad", "deconvnet", "guided-grad-cam", "occlusion"]));

orderings("the CNN's cascade", cnn);
guidedKeepsMost("the CNN's cascade", cnn);
orderings("the MLP's cascade", () =>
  runExperiment("mlp-cascade.yaml", small, ["vargrad", "deconvnet", "occlusion", "smoothgrad-integrated-gradients"]),
);

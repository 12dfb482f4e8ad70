import { orderings } from "./orderings.js";
import { runExperiment } from "./experiment.js";

orderings("the CNN's cascade, every method at its own size", "fc1", () => runExperiment("mnist-cascade.yaml", []));
orderings("the MLP's cascade, every method at its own size", "hidden3", () => runExperiment("mlp-cascade.yaml", []));

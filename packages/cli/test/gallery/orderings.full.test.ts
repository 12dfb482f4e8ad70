import { guidedKeepsMost, knownControls, once, orderings } from "./orderings.js";
import { runExperiment } from "./experiment.js";

const mainJob = once(() => runExperiment("mnist-cascade.yaml", []));

orderings("the CNN's cascade, every method at its own size", mainJob);
guidedKeepsMost("the CNN's cascade, every method at its own size,", mainJob);
knownControls("the CNN's cascade", mainJob);
orderings("the MLP's cascade, every method at its own size", () => runExperiment("mlp-cascade.yaml", []));

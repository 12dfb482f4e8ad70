import { defineModel } from "@assay/core/plugin";
import { shipped, twin } from "./building/shipped.js";

/**
 * The paper's MNIST network without convolutions: 784 → 2500 → 1500 → 500 → 10 with ReLU between. Input 28×28×1, x/255.
 * Trained weights come with the package, and those of a twin (recipes, seeds and accuracies: packages/zoo/models/README.md).
 * Blocks, output first: logits, hidden3, hidden2, hidden1.
 */
export const mnistMlp = defineModel({
  name: "mnist-mlp",
  version: "1",
  summary: "the paper's multilayer perceptron, trained on MNIST",
  paper: "Adebayo et al. 2018, arXiv:1810.03292",
  params: twin,
  ...shipped("mnist-mlp", ["logits", "hidden3", "hidden2", "hidden1"]),
});

import { defineModel } from "@assay/core/plugin";
import { shipped, twin } from "./building/shipped.js";

/**
 * The paper's MNIST network: conv 5×5×32, ReLU, max pool 2, conv 5×5×64, ReLU, max pool 2, fc 1024, ReLU, 10 logits; padding `same`.
 * Input 28×28×1, x/255. Trained weights come with the package, and those of a twin (recipes, seeds and accuracies: packages/zoo/models/README.md).
 * Blocks, output first: softmax (the logits' layer, by the paper's name), fc1, conv2, conv1. CAM methods look at `conv2_relu`, before pooling.
 */
export const mnistCnn = defineModel({
  name: "mnist-cnn",
  version: "1",
  summary: "the paper's convolutional network, trained on MNIST",
  paper: "Adebayo et al. 2018, arXiv:1810.03292",
  params: twin,
  ...shipped("mnist-cnn", ["softmax", "fc1", "conv2", "conv1"]),
});

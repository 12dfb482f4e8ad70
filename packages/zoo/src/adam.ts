import { defineTrainer, integer, number, optional, strictObject } from "@assay/core/plugin";
import { LayersTraining } from "./training/layers-training.js";

/**
 * Trains a network from new weights, drawn as its layers' initializers say: Adam (β₁ .9, β₂ .999, ε 1e-7) on the mean cross entropy
 * of batches, without dropout or augmentation. The architecture is that of the model; its trained weights do not matter.
 * With `until` it ends after the first epoch that names at least that share of the training images rightly; if none does, the
 * training has failed and gives no result. Same seed, machine and library: same weights, also after a stop and a fresh start.
 */
export const adam = defineTrainer({
  name: "adam",
  version: "1",
  summary: "trains a network from new weights with Adam",
  paper: "Kingma & Ba 2015, arXiv:1412.6980",
  params: strictObject({
    rate: number({ exclusiveMinimum: 0, default: 0.0005, description: "learning rate" }),
    batch: integer({ minimum: 1, default: 50, description: "images a step" }),
    epochs: integer({ minimum: 1, default: 60, description: "largest number of passes over the images" }),
    until: optional(
      number({ exclusiveMinimum: 0, maximum: 1, description: "train accuracy at which the training ends; all epochs if left out" }),
    ),
  }),
  backend: "tensorflow",
  epochs: ({ epochs }) => epochs,
  until: ({ until }) => until,
  start: (network, set, { rate, batch }) => LayersTraining.start(network, set, { rate, batch }),
});

import { defineRandomizer, strictObject } from "@assay/core/plugin";
import { redrawChoice } from "./params/redraw-choice.js";

/** Independent randomization: one block at a time is redrawn, all others keep their trained weights. */
export const independent = defineRandomizer({
  name: "independent",
  version: "1",
  summary: "redraws one block at a time and keeps the rest trained",
  paper: "Adebayo et al. 2018, arXiv:1810.03292",
  params: strictObject({ redraw: redrawChoice }),
  order: "independent",
  stages: (blocks) => blocks.map((name) => ({ name, blocks: [name] })),
  redraw: ({ redraw }) => redraw,
});

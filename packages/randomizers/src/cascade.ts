import { choice, defineRandomizer, strictObject } from "@assay/core/plugin";
import { redrawChoice } from "./params/redraw-choice.js";

/**
 * Cascading randomization: block by block, each stage keeps what the stages before it redrew.
 *
 *   stage k redraws the k blocks nearest to the output (or to the input)
 *
 * From the output down the first blocks stay intact until the end: that order alone bounds how much a map can change
 * (Binder et al. 2023), which is why `from: input` exists.
 */
export const cascade = defineRandomizer({
  name: "cascade",
  version: "1",
  summary: "redraws the network's blocks one after the other until none is left",
  paper: "Adebayo et al. 2018, arXiv:1810.03292",
  params: strictObject({
    from: choice(["output", "input"], { default: "output", description: "the end at which the destruction starts" }),
    redraw: redrawChoice,
  }),
  order: "cascading",
  stages(blocks, { from }) {
    const order = from === "output" ? blocks : [...blocks].reverse();
    return order.map((name, k) => ({ name, blocks: order.slice(0, k + 1) }));
  },
  redraw: ({ redraw }) => redraw,
});

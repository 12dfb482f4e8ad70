import { choice, REDRAWS } from "@assay/core/plugin";

/** The parameter that both randomizers share: *how* a block is redrawn is independent of *which* block is. */
export const redrawChoice = choice(REDRAWS, {
  default: "initializer",
  description:
    "new weights of a block: its own initializer (batch-norm: beta 0, gamma 1, statistics kept), the same with statistics reset, " +
    "a permutation of each array, or a normal of each array's own mean and deviation",
});

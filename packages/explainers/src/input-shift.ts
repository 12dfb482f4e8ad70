import { defineExplainer, inner, numberOrFile, optional, strictObject } from "@assay/core/plugin";

/**
 * Input shift: the map that a method gives for f₂ at x + s, where f₂(y) = f(y − s) answers for shifted inputs as f does for x.
 *
 *   A(x) = Φ(f₂, x + s)
 *
 * f₂ is f with the bias of its first layer compensated: the same function of the same picture in other units. A method that is invariant to
 * it gives Φ(f, x); one that multiplies by the input or starts at a fixed baseline does not.
 */
export const inputShift = defineExplainer({
  name: "input-shift",
  version: "1",
  summary: "the map for a shifted input, on the network that makes up for the shift",
  paper: "Kindermans et al. 2017, arXiv:1711.00867",
  params: strictObject({
    shift: numberOrFile({ default: -1, description: "s: a constant in model-input units, or an .npy file shaped like one input" }),
    of: optional(inner({ description: "the attribution that is tested; the plain gradient if not given" })),
  }),
  async attribute(x, { inner, array, params: { shift } }) {
    const s = array(shift);
    return inner(x.add(s), 0, { shift: s });
  },
});

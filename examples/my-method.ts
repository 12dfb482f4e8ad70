import { defineExplainer, number, strictObject } from "@assay/core/plugin";

/** Gradient times a power of the input: A(x) = |x|^p ⊙ ∂S/∂x. */
export default defineExplainer({
  name: "power-gradient",
  version: "1",
  summary: "gradient multiplied by a power of the input",
  params: strictObject({
    power: number({ minimum: 0, default: 0.5, description: "exponent p" }),
  }),
  async attribute(x, { gradient, params: { power } }) {
    return (await gradient(x)).mul(x.abs().pow(power));
  },
});

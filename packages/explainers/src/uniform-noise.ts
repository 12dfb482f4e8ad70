import { defineExplainer, strictObject } from "@assay/core/plugin";

/**
 * Control: seeded uniform noise in [0, 1), drawn anew for every model.
 *
 * It passes every randomization test without explaining anything: changing with the model is necessary, not sufficient.
 */
export const uniformNoise = defineExplainer({
  name: "uniform-noise",
  version: "1",
  summary: "uniform noise that ignores model and image",
  params: strictObject({}),
  control: "noise",
  attribute: (_x, { random }) => Promise.resolve(random.uniform(0)),
});

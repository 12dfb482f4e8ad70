export { explainerKit, type ExplainerKitOptions } from "./explainer-kit.js";
export type { Check } from "./kit.js";
export { labelRandomizerKit } from "./label-randomizer-kit.js";
export { metricKit } from "./metric-kit.js";
export { randomizerKit, type RandomizerKitOptions } from "./randomizer-kit.js";
export { surrogateKit } from "./surrogate-kit.js";
export { trainerKit } from "./trainer-kit.js";

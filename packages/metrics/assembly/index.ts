export { hog } from "./hog";
export { ranks, sorted } from "./ranks";
export { centres, moments, scratchBytes, similarity } from "./ssim";
export { centredUnit, unit } from "./unit";

/** The first byte that is free. */
export const base: usize = __heap_base;

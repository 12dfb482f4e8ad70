import { AssayError, seedTree } from "@assay/core/plugin";

/** The weights that a spec gives, checked for their number; without them, standard normals cut at ±2 from the seed. */
export function givenOrDrawn(given: readonly number[] | undefined, count: number, seed: number, where: string): Float32Array {
  if (given === undefined) {
    const random = seedTree(seed).split(where);
    return Float32Array.from({ length: count }, () => random.truncatedNormal());
  }
  if (given.length === count) return Float32Array.from(given);
  throw new AssayError({
    code: "MODEL-WEIGHTS",
    where,
    what: "the list of weights has the wrong length",
    expected: `${String(count)} numbers`,
    got: String(given.length),
  });
}

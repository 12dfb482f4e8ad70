import { AssayError, defineExplainer, inner, integer, optional, strictObject, tf } from "@assay/core/plugin";

/**
 * Random logit: the map of another class, chosen evenly among the others for each image from the seed.
 *
 *   A(x) = Φ(x, ĉ),   ĉ ≠ c
 *
 * Compared with Φ(x, c) it shows whether a method explains the class at all: a score near 1 says that it draws the same picture for any.
 * The scores name the class c that was to be explained, not ĉ.
 */
export const randomLogit = defineExplainer({
  name: "random-logit",
  version: "1",
  summary: "the map of another class than the explained one",
  paper: "Sixt et al. 2020, arXiv:1912.09818",
  params: strictObject({
    draw: integer({ minimum: 0, default: 0, description: "which of an image's independent choices of a class" }),
    of: optional(inner({ description: "the attribution whose class is exchanged; the plain gradient if not given" })),
  }),
  async attribute(x, { inner, random, targets, model: { classes }, params: { draw } }) {
    if (classes < 2) {
      const what = "the model has one class only, and so no other to explain";
      throw new AssayError({
        code: "EXPLAINER-CLASSES",
        where: "explainer/random-logit",
        what,
        expected: "at least 2",
        got: String(classes),
      });
    }
    const u = tf.slice(random.uniform(draw), [0, 0, 0, 0], [-1, 1, 1, 1]).dataSync();
    // rounded to float32 a draw may be 1
    const others = targets.map((c, i) => (c + 1 + Math.min(classes - 2, Math.floor(u[i]! * (classes - 1)))) % classes);
    return inner(x, 0, { targets: others });
  },
});

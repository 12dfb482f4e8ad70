import { choice, defineExplainer, GRADIENT_RULES, integer, layer, optional, strictObject, tf } from "@assay/core/plugin";

/**
 * The backward signal of a random direction of the outputs, as it arrives at a layer: what a backward rule makes of v ~ 𝒩(0, I).
 *
 *   A(x) = ∂(v·logits)/∂layer by the rule,   v drawn for each image
 *
 * Two of them from independent v, compared by their cosine layer after layer, are the cosine similarity convergence: it nears 1 under a rule
 * that forgets where it started, as every product of non-negative matrices does, since it tends to rank one. A dense layer is one row of units.
 */
export const randomDirection = defineExplainer({
  name: "random-direction",
  version: "1",
  summary: "the backward signal of a random direction of the outputs, at a layer",
  paper: "Sixt et al. 2020, arXiv:1912.09818",
  params: strictObject({
    rule: choice(GRADIENT_RULES, { default: "standard", description: "how the signal passes a ReLU" }),
    at: optional(layer({ description: "the layer at whose output it is read; the input if not given" })),
    draw: integer({ minimum: 0, default: 0, description: "which of an image's independent directions" }),
  }),
  shape: "layer",
  async attribute(x, { gradient, random, model: { classes }, params: { rule, at, draw } }) {
    const [n] = x.shape;
    const each = x.size / n;
    const pictures = Math.ceil(classes / each); // of noise that hold one direction: 1, unless there are more classes than values in an input
    const noise = Array.from({ length: pictures }, (_, k) => tf.reshape(random.normal(draw * pictures + k), [n, each]));
    const v = tf.slice(tf.concat(noise, 1), [0, 0], [n, classes]).arraySync() as number[][];
    const signal: tf.Tensor = await gradient(x, { rule, targets: v, ...(at !== undefined && { at }) });
    return signal.rank === 4 ? (signal as tf.Tensor4D) : tf.reshape(signal, [n, 1, 1, -1]);
  },
});

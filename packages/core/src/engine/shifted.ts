import { sub, type Tensor, type Tensor4D } from "@tensorflow/tfjs-core";
import type { Explained } from "./attribute.js";
import { contentKey } from "./memo.js";

/**
 * The network y ↦ f(y − shift), `shift` a scalar or `[h, w, c]`. For a first layer Wy + b without padding it is the one with the bias
 * b − W·shift; taken off before the layer it holds at padded borders too.
 */
export function shifted(network: Explained, shift: Tensor): Explained {
  const back = async <T extends Tensor>(y: Tensor4D, ask: (x: Tensor4D) => Promise<T>): Promise<T> => {
    const x = sub<Tensor4D>(y, shift);
    try {
      return await ask(x);
    } finally {
      x.dispose();
    }
  };
  return {
    facts: network.facts,
    digest: contentKey(shift, network.digest, "shifted"),
    batch: network.batch,
    logits: (y) => back(y, (x) => network.logits(x)),
    gradient: (y, targets, options) => back(y, (x) => network.gradient(x, targets, options)),
    activations: (y, layer) => back(y, (x) => network.activations(x, layer)),
  };
}

import { tf, type Network } from "@assay/core/plugin";
import { mnist } from "../src/mnist.js";

/** Share of all 10,000 test images whose largest logit is the label's. */
export async function testAccuracy(network: Network): Promise<number> {
  const digits = await mnist.open({ split: "test", offset: 0 }, { services: [] });
  let right = 0;
  for (let from = 0; from < digits.count; from += 500) {
    const pixels = await digits.read(from, 500);
    const x = tf.tensor4d(pixels, [500, 28, 28, 1]);
    const logits = await network.logits(x);
    const chosen = tf.tidy(() => tf.argMax(logits, 1).dataSync());
    tf.dispose([x, logits]);
    chosen.forEach((digit, i) => (right += digit === digits.labels![from + i] ? 1 : 0));
  }
  return right / digits.count;
}

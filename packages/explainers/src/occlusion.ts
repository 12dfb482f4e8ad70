import { defineExplainer, integer, number, strictObject, tf } from "@assay/core/plugin";

/** Top-left corners along one side: ceil((size − window)/stride) + 1 of them; the last window is clipped at the border. */
const corners = (size: number, window: number, stride: number): number[] =>
  Array.from({ length: Math.ceil(Math.max(0, size - window) / stride) + 1 }, (_, i) => i * stride);

/**
 * Occlusion: a window over all channels is set to a baseline; a pixel gets the mean drop of the logit over the windows on it.
 *
 * A black-box method: uses logits only. All channels of the attribution hold the same value.
 */
export const occlusion = defineExplainer({
  name: "occlusion",
  version: "2",
  summary: "drop of the logit when a window slides over the input",
  paper: "Zeiler & Fergus 2014, arXiv:1311.2901",
  params: strictObject({
    window: integer({ minimum: 1, default: 4, description: "side of the square window, in pixels" }),
    stride: integer({ minimum: 1, default: 2, description: "step of the window, in pixels" }),
    baseline: number({ default: 0, description: "value in the window, in model-input units" }),
  }),
  async attribute(x, { logits, mean, model, targets, params: { window, stride, baseline } }) {
    const [, height, width, channels] = x.shape;
    const windows = corners(height, window, stride).flatMap((top) => corners(width, window, stride).map((left) => ({ top, left })));
    const mask = ({ top, left }: { top: number; left: number }) => {
      const [h, w] = [Math.min(window, height - top), Math.min(window, width - left)];
      return tf.pad4d(tf.ones([1, h, w, 1]), [[0, 0], [top, height - top - h], [left, width - left - w], [0, 0]]); // prettier-ignore
    };
    const classes = tf.range(0, model.classes, 1, "int32"); // oneHot refuses a network of one class
    const chosen = tf.cast(tf.equal(tf.tensor2d([...targets], [targets.length, 1], "int32"), classes), "float32");
    const score = async (input: tf.Tensor4D) => tf.reshape(tf.sum(tf.mul(await logits(input), chosen), 1), [-1, 1, 1, 1]);
    const whole = await score(x);
    const total = await mean(windows.length, async (i) => {
      const m = mask(windows[i]!);
      const hidden = tf.add<tf.Tensor4D>(tf.mul(x, tf.sub(1, m)), tf.mul(m, baseline));
      const covered = tf.tile(m, [x.shape[0], 1, 1, 1]);
      // A window that hides nothing drops nothing; a batch of another make-up may round the same image otherwise.
      const same = tf.all(tf.equal(hidden, x), [1, 2, 3], true);
      const drop = tf.where(same, tf.zerosLike(whole), tf.sub(whole, await score(hidden)));
      return tf.concat4d([tf.mul<tf.Tensor4D>(drop, m), covered], 0);
    });
    const [drop, cover] = tf.split<tf.Tensor4D>(total, 2, 0);
    return tf.tile<tf.Tensor4D>(tf.divNoNan(drop!, cover!), [1, 1, 1, channels]);
  },
});

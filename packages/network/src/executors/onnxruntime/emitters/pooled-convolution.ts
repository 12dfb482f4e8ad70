import type { Conv2d } from "../../../ops/conv2d.js";
import { present, type PoolWindow, type Shape } from "../../../ops/operation.js";
import type { EmitCall, Emitted } from "../emitter.js";
import { conv2d } from "./convolution.js";
import { averagePool } from "./pooling.js";

/** Whether a convolution looks at each pixel alone, padded ones left out, and makes no more channels of it than there were. */
export const isProjection = (
  { size, strides }: Pick<Conv2d, "size" | "strides">,
  [h, w, from = 0]: Shape,
  [rows, columns, to = 0]: Shape,
): boolean => Math.max(...size, ...strides) === 1 && rows === h && columns === w && to <= from;

/**
 * An average pool and the 1×1 convolution that alone reads it, in the other order: the same, since one is linear in each channel and the other in
 * each pixel, and a mean of the bias is the bias. Pooled are the channels that come out, of which there are no more.
 */
export function pooledConvolution(pool: EmitCall<PoolWindow>, convolution: EmitCall<Conv2d>): Emitted {
  const [h, w] = present(pool.inputShapes[0], "input shape");
  const inside: Shape = [h ?? 1, w ?? 1, convolution.shape[2] ?? 1];
  const below = conv2d({ ...convolution, inputs: pool.inputs, inputShapes: pool.inputShapes, shape: inside });
  const above = averagePool({ ...pool, inputs: [below.y], inputShapes: [inside], shape: convolution.shape });
  const spread = new Map<string, string>();
  const through = (dy: string): string => {
    const known = spread.get(dy) ?? above.gradient(dy, 0);
    spread.set(dy, known);
    return known;
  };
  const { share } = below;
  return {
    y: above.y,
    gradient: (dy) => below.gradient(through(dy), 0),
    ...(share && { share: (dy, from, to) => share(through(dy), from, to) }),
  };
}

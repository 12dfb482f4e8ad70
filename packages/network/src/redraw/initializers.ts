import { AssayError, type Random } from "@assay/core/plugin";
import type { InitializerFacts } from "../graph/graph.js";
import type { Shape } from "../ops/operation.js";

/** Deviation of a standard normal cut at ±2. */
const CUT = 0.87962566103423978;

type Draw = () => number;

/**
 * One value a call, as Keras initializes: variance scaling divides by the truncated normal's deviation, so that the weights'
 * own deviation is √(scale/n); TruncatedNormal does not, its `stddev` is that of the normal before the cut.
 */
export function initializer({ kind, config }: InitializerFacts, shape: Shape, random: Random): Draw {
  const number = (key: string, otherwise: number): number => (typeof config[key] === "number" ? config[key] : otherwise);
  const scaling = (scale: number, mode: string, distribution: string): Draw => varianceScaling(scale, mode, distribution, shape, random);
  switch (kind.replaceAll("_", "").toLowerCase()) {
    case "zeros":
      return () => 0;
    case "ones":
      return () => 1;
    case "constant":
      return () => number("value", 0);
    case "truncatednormal":
      return () => number("mean", 0) + number("stddev", 0.05) * random.truncatedNormal();
    case "randomnormal":
      return () => number("mean", 0) + number("stddev", 0.05) * random.normal();
    case "randomuniform":
      return () => number("minval", -0.05) + (number("maxval", 0.05) - number("minval", -0.05)) * random.uniform();
    case "variancescaling":
      return scaling(number("scale", 1), word(config["mode"], "fan_in"), word(config["distribution"], "truncated_normal"));
    case "glorotuniform":
      return scaling(1, "fan_avg", "uniform");
    case "glorotnormal":
      return scaling(1, "fan_avg", "truncated_normal");
    case "heuniform":
      return scaling(2, "fan_in", "uniform");
    case "henormal":
      return scaling(2, "fan_in", "truncated_normal");
    case "lecununiform":
      return scaling(1, "fan_in", "uniform");
    case "lecunnormal":
      return scaling(1, "fan_in", "truncated_normal");
    default:
      throw new AssayError({
        code: "MODEL-UNSUPPORTED-INITIALIZER",
        what: `weights cannot be drawn by the initializer ${kind}`,
        expected:
          "Zeros, Ones, Constant, TruncatedNormal, RandomNormal, RandomUniform, VarianceScaling, Glorot…, He… or Lecun… (Uniform, Normal)",
        next: "Use the redraw `shuffle` or `gaussian-matched`",
      });
  }
}

const word = (value: unknown, otherwise: string): string =>
  typeof value === "string" ? value.replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase() : otherwise;

function varianceScaling(scale: number, mode: string, distribution: string, shape: Shape, random: Random): Draw {
  const [fanIn, fanOut] = fans(shape);
  const n = mode === "fan_in" ? fanIn : mode === "fan_out" ? fanOut : (fanIn + fanOut) / 2;
  const deviation = Math.sqrt(scale / Math.max(1, n));
  if (distribution === "uniform") return () => (2 * random.uniform() - 1) * deviation * Math.sqrt(3);
  if (distribution === "untruncated_normal") return () => deviation * random.normal();
  return () => (deviation / CUT) * random.truncatedNormal();
}

/** Keras' fans of a kernel `[…window, in, out]`; a depthwise kernel counts as one with its multiplier as `out`. */
function fans(shape: Shape): [fanIn: number, fanOut: number] {
  const window = shape.slice(0, -2).reduce((a, b) => a * b, 1);
  return [window * (shape.at(-2) ?? 1), window * (shape.at(-1) ?? 1)];
}

import { notDefined, type MapImage, type Undefined } from "@assay/core/plugin";

export const broken: Undefined = notDefined("the map holds NaN or infinite values");

/** Why a map cannot be compared at all, if it cannot. */
export function notFinite({ values }: MapImage): Undefined | undefined {
  // Zero times a value is NaN where that is not finite. Two sums, since an addition waits for the one before it.
  let even = 0;
  let odd = 0;
  let i = 0;
  for (; i + 1 < values.length; i += 2) {
    even += values[i]! * 0;
    odd += values[i + 1]! * 0;
  }
  if (i < values.length) even += values[i]! * 0;
  return even + odd === 0 ? undefined : broken;
}

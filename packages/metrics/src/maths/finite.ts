import { notDefined, type MapImage, type Undefined } from "@assay/core/plugin";

/** Why a map cannot be compared at all, if it cannot. */
export function notFinite({ values }: MapImage): Undefined | undefined {
  for (const value of values) if (!Number.isFinite(value)) return notDefined("the map holds NaN or infinite values");
  return undefined;
}

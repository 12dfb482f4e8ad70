import { notDefined, type MapImage, type Undefined } from "@assay/core/plugin";

export const broken: Undefined = notDefined("the map holds NaN or infinite values");

/** Why a map cannot be compared at all, if it cannot. */
export function notFinite({ values }: MapImage): Undefined | undefined {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return broken;
  return undefined;
}

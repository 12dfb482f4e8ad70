import type { MapImage, Undefined } from "./metric.js";

/** How an attribution becomes a map (docs/reference/views.md). */
export const VIEWS = ["raw", "absolute", "signed", "signed-paper", "unit"] as const;
export type ViewName = (typeof VIEWS)[number];

export interface View {
  readonly name: ViewName;
  /** keep only cells where the input image differs from the data set's background */
  readonly foreground?: boolean;
}

/** Applies a view to one attribution. Owned by the metrics work: replaced by the full text. */
export function applyView(attribution: MapImage, view: ViewName): MapImage | Undefined {
  if (view === "raw") return attribution;
  throw new Error(`view ${view} is not built yet`);
}

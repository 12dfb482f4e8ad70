import type { MapImage, ViewName } from "@assay/core/plugin";

/** The views of one-channel maps, by hand, so that these tests look at the drawing and not at core's views. */
export function oneChannelView({ values, ...shape }: MapImage, view: ViewName): MapImage | { undefined: string } {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0) return { undefined: "all cells are zero" };
  return { ...shape, values: values.map((value) => (view === "absolute" ? Math.abs(value) : value) / largest) };
}

import { didYouMean } from "../errors/suggest.js";
import { mapAt, mergeMaps, type LocatedMap } from "./located.js";
import type { Problems } from "./problems.js";

/** The spec with one of its `presets` laid over it: maps merge deep, anything else replaces. Without one, the spec as it is. */
export function withPreset(spec: LocatedMap, name: string | undefined, problems: Problems): LocatedMap {
  if (name === undefined) return spec;
  const presets = mapAt(spec, "presets");
  const chosen = mapAt(presets, name);
  if (chosen) return mergeMaps(spec, chosen)!;
  const known = [...(presets?.entries.keys() ?? [])];
  problems.add({
    code: "SPEC-UNKNOWN-PRESET",
    where: `--preset ${name}`,
    what: `the experiment has no preset ${name}`,
    next: known.length === 0 ? "It has none; presets are written under `presets:`." : didYouMean(name, known, "Its presets"),
  });
  return spec;
}

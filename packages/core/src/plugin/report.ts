import type { Dataset, PluginContext } from "./dataset.js";
import type { PluginFacts } from "./definition.js";
import type { ModelFacts } from "./network.js";
import type { StageOrder } from "./randomizer.js";
import type { Random } from "./random.js";
import type { Params, ParamsSchema } from "./schema.js";
import type { MapStack } from "./surrogate.js";

/** One axis of a collected input: its values in order. `stage` lists `trained` first. */
export interface Axis {
  readonly name: string;
  readonly values: readonly string[];
  /** for the axis `stage` */
  readonly order?: StageOrder;
}

/** One score of one pair of maps. `value` is null where it is not defined, and then `reason` says why. */
export interface Score {
  /** index of the image in the data set */
  readonly image: number;
  /** which surrogate of that image, 0 where there is only one map */
  readonly repetition: number;
  readonly value: number | null;
  /** largest share of tied cells in the two maps, 0 … 1 */
  readonly ties: number;
  readonly reason?: string;
  /** class explained on the perturbed side */
  readonly target: number;
}

/** The scores of one instance, and where it stands on the axes. */
export interface ScoreGroup {
  readonly axes: Readonly<Record<string, string>>;
  readonly metric: {
    readonly name: string;
    readonly range: readonly [number, number];
    readonly params: Readonly<Record<string, unknown>>;
    /** the score is a change from the first map to the second, not a likeness */
    readonly symmetric?: false;
  };
  readonly view: string;
  readonly scores: readonly Score[];
}

export interface ScoresInput {
  readonly axes: readonly Axis[];
  readonly groups: readonly ScoreGroup[];
  /** facts of the plugins on the axis `explainer`, by axis value */
  readonly explainers: Readonly<Record<string, { readonly uses: string; readonly summary: string; readonly control?: "edges" | "noise" }>>;
}

export interface MapsInput {
  readonly axes: readonly Axis[];
  readonly groups: readonly { readonly axes: Readonly<Record<string, string>>; readonly maps: MapStack }[];
}

export interface ReportInputs {
  readonly scores: Readonly<Record<string, ScoresInput>>;
  readonly maps: Readonly<Record<string, MapsInput>>;
  readonly datasets: Readonly<Record<string, Dataset>>;
  readonly models: Readonly<Record<string, ModelFacts>>;
}

export interface ReportContext extends PluginContext {
  readonly random: Random;
}

/** What a report node leaves behind: data for tools, and a fragment of HTML for `report.html`. */
export interface ReportResult {
  readonly title: string;
  readonly data: unknown;
  readonly html: string;
}

export interface ReportPort {
  readonly type: "scores" | "maps" | "dataset" | "model";
  readonly optional?: boolean;
}

export interface ReportDefinition<S extends ParamsSchema = ParamsSchema> extends PluginFacts<S> {
  readonly kind: "report";
  readonly inputs: Readonly<Record<string, ReportPort>>;
  build(inputs: ReportInputs, params: Params<S>, context: ReportContext): Promise<ReportResult>;
}

export const defineReport = <S extends ParamsSchema>(definition: Omit<ReportDefinition<S>, "kind">): ReportDefinition<S> =>
  Object.freeze({ kind: "report", ...definition });

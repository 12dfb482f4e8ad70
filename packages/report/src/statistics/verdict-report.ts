import type { StageOrder } from "@assay/core/plugin";

/** What one metric, or all of them together, say of a method. `blind` exists for independent stages only. */
export const VERDICTS = ["insensitive", "blind", "late", "inconclusive", "sensitive", "irreproducible", "uninformative"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What the intervals speak of: other draws, other images, or both. A factor with one value says nothing about others. */
export type SpreadOver = "draws × images" | "images" | "draws" | "nothing";

/** A statement that the data of a report could lead to, and how likely they are to lead to it by mistake. */
export interface Claim {
  readonly verdict: Verdict;
  /** the block that it is about, where blocks are redrawn one by one */
  readonly block: string | null;
  /** one-sided: how likely evidence at least as strong is where the claim is just not true */
  readonly p: number;
  /** the same for all claims of its family together (Holm) */
  readonly pAdjusted: number;
}

/** How many claims were adjusted together: charges (`insensitive`, `late`, `blind`), clearances (`sensitive`, `irreproducible`). */
export interface ClaimFamilies {
  /** an adjusted p-value below it holds */
  readonly level: number;
  readonly charges: number;
  readonly clearances: number;
}

/** One stage of one method by one metric. Bounds are null where there is one draw and one image, κ where no floor is known. */
export interface StageRow {
  readonly stage: string;
  /** 0 for `trained`, then 1 … K */
  readonly index: number;
  /** s: mean score over draws × images */
  readonly score: number | null;
  readonly scoreLow: number | null;
  readonly scoreHigh: number | null;
  /** κ = (s − f)/(1 − f); null for stage 0 */
  readonly kappa: number | null;
  readonly kappaLow: number | null;
  readonly kappaHigh: number | null;
  /** ρ = κ/κ_twin; null without a twin, for stage 0, and where κ_twin is not positive */
  readonly rho: number | null;
  readonly rhoLow: number | null;
  readonly rhoHigh: number | null;
  /** bounds of κ − t, or with a twin of κ − t · κ_twin, for the threshold t: above 0 counts as alike */
  readonly excessLow: number | null;
  readonly excessHigh: number | null;
  /** one-sided p-values of the claims that it lies above 0, and below 0 */
  readonly pAbove: number | null;
  readonly pBelow: number | null;
  /** the smallest difference of κ from the threshold that would be seen in four of five such experiments */
  readonly detectable: number | null;
  /** ICC(2,1) of the images' scores over draws; null for one draw or image, and where nothing varies */
  readonly reliability: number | null;
  readonly scores: number;
  readonly undefinedScores: number;
  /** mean share of tied cells */
  readonly ties: number;
  /** 3z/(1 + z + z²) at that share z: what independent maps with shared zeros reach; absolute Spearman only */
  readonly tieNull: number | null;
  /** f used at this stage */
  readonly floor: number | null;
}

/** Likeness to a network of the same architecture and data that was trained from another seed. */
export interface TwinRow {
  readonly score: number | null;
  /** of these scores: the larger of their nulls */
  readonly floor: number | null;
  readonly kappa: number | null;
  readonly kappaLow: number | null;
  readonly kappaHigh: number | null;
  /** one-sided p-value of the claim that κ_twin is below `leastTwin` */
  readonly pBelow: number | null;
}

/** Likeness between the maps of two independent networks that are random altogether: what the input alone dictates. */
export interface RandomRow {
  readonly score: number | null;
  readonly scoreLow: number | null;
  readonly scoreHigh: number | null;
  /** by the floor of the last stage */
  readonly kappa: number | null;
}

/** One method by one metric (with its view), over all stages. */
export interface MetricRow {
  readonly method: string;
  /** value of the axis `metric`, or the metric's name where there is no such axis */
  readonly metric: string;
  /** registered name of the metric */
  readonly uses: string;
  readonly view: string;
  readonly verdict: Verdict;
  /** why, as one sentence */
  readonly reason: string;
  /** blocks whose κ has its lower bound above the threshold; independent stages only */
  readonly blindTo: readonly string[];
  /** f: the larger null at the last stage */
  readonly floor: number | null;
  /** every null by its name on the axis `chance` (`permuted`, `crossed`) */
  readonly nulls: Readonly<Record<string, number | null>>;
  /** name of the larger null */
  readonly floorFrom: string | null;
  /** 1 − f is large enough for this metric to tell */
  readonly informative: boolean;
  /** nothing stood in the way of comparing its intervals with the threshold */
  readonly judged: boolean;
  /** the charges that it could make */
  readonly claims: readonly Claim[];
  readonly undefinedScores: number;
  readonly scores: number;
  /** what retraining alone keeps; null where no twin was given */
  readonly twin: TwinRow | null;
  /** null where no scores of random networks were given */
  readonly random: RandomRow | null;
  /** first stage where κ < threshold, and where its lower (at the earliest) and upper bound (at the latest) are; null: never */
  readonly firstBelow: string | null;
  readonly firstBelowLow: string | null;
  readonly firstBelowHigh: string | null;
  readonly stages: readonly StageRow[];
}

/** The verdict of one method and what it rests on. */
export interface MethodRow {
  readonly method: string;
  readonly explainer: string;
  /** registered name of the explainer, where known */
  readonly uses: string;
  readonly control: "edges" | "noise" | null;
  readonly verdict: Verdict;
  /** the verdict in words: `blind to conv1, conv2` */
  readonly label: string;
  readonly reason: string;
  /** what a reader must know beside the verdict: controls, one draw only, … */
  readonly notes: readonly string[];
  readonly blindTo: readonly string[];
  /** adjusted p-value of the verdict; null where nothing is claimed */
  readonly pAdjusted: number | null;
  /** what all metrics together could claim of it */
  readonly claims: readonly Claim[];
  /** the metric that decides, and κ at the stage where it does */
  readonly metric: string | null;
  readonly stage: string | null;
  readonly kappa: number | null;
  readonly kappaLow: number | null;
  readonly kappaHigh: number | null;
  /** ρ there; null without a twin */
  readonly rho: number | null;
  readonly rhoLow: number | null;
  readonly rhoHigh: number | null;
  /** what retraining keeps by that metric; null without a twin */
  readonly twinKappa: number | null;
  /** the smallest difference of κ there that would be seen, and the reliability of the scores over draws */
  readonly detectable: number | null;
  readonly reliability: number | null;
  /** Krippendorff's α of the informative metrics over images, by ranks of their scores at the end (all blocks where these are single) */
  readonly agreement: number | null;
  /** κ of the same metric at the last stage */
  readonly finalStage: string;
  readonly finalKappa: number | null;
  readonly finalKappaLow: number | null;
  readonly finalKappaHigh: number | null;
  /** ρ of the same metric at the last stage; null without a twin */
  readonly finalRho: number | null;
  readonly finalRhoLow: number | null;
  readonly finalRhoHigh: number | null;
  readonly draws: number;
  readonly images: number;
  readonly undefinedScores: number;
  readonly scores: number;
}

/** What a `report/verdict` says. Rows of `methods` and `metrics` share the key `method`. */
export interface VerdictReport {
  readonly kind: "verdict-report";
  readonly order: StageOrder;
  /** K stages without `trained` */
  readonly stages: readonly string[];
  /** stage ⌈K/2⌉, where `late` and `sensitive` part */
  readonly middleStage: string;
  readonly finalStage: string;
  /** κ, or ρ where a twin was given, above it counts as alike */
  readonly threshold: number;
  /** what the verdicts rest on: `rho` where a twin was given */
  readonly restsOn: "kappa" | "rho";
  /** a metric whose κ_twin has its upper bound below it cannot judge */
  readonly leastTwin: number;
  /** smallest 1 − f at which a metric is informative */
  readonly margin: number;
  /** largest share of undefined scores that a verdict bears */
  readonly undefinedLimit: number;
  readonly confidence: number;
  readonly families: ClaimFamilies;
  readonly over: SpreadOver;
  readonly draws: number;
  readonly images: number;
  readonly methods: readonly MethodRow[];
  readonly metrics: readonly MetricRow[];
}

/** What `verdicts.json` holds: the report of every `report/verdict` node by its name, in the order of the spec. */
export type Verdicts = Readonly<Record<string, VerdictReport>>;

export const isVerdictReport = (data: unknown): data is VerdictReport =>
  typeof data === "object" && data !== null && "kind" in data && data.kind === "verdict-report";

/** How an experiment ended, in the words of the command line. */
export type SummaryStatus = "done" | "failed" | "interrupted";

/** One stage of a curve; `mean` is absent where no score of the stage is defined. */
export interface CurvePoint {
  /** stage index, 0 = trained */
  readonly step: number;
  readonly stage: string;
  readonly mean?: number;
  readonly low?: number;
  readonly high?: number;
}

export interface SummaryCurve {
  /** how the stages relate: `cascade`, `independent`, … (the chart section in MLflow) */
  readonly order: string;
  /** metric with its view, as on the axis: `spearman-abs` */
  readonly metric: string;
  readonly points: readonly CurvePoint[];
  /** the same curve corrected for chance */
  readonly kappa?: readonly CurvePoint[];
}

export interface ExplainerSummary {
  /** value on the axis `explainer`; names the child run */
  readonly name: string;
  /** `explainer/gradient` */
  readonly uses: string;
  readonly version: string;
  /** the method's own parameters, defaults applied */
  readonly params: Readonly<Record<string, unknown>>;
  readonly control?: "edges" | "noise";
  readonly verdict: string;
  /** one sentence of Markdown: why this verdict */
  readonly verdictNote: string;
  /** `#rrggbb`, the same for a method in every run */
  readonly color: string;
  readonly curves: readonly SummaryCurve[];
  readonly images?: readonly SummaryImage[];
}

export interface SummaryDataset {
  readonly name: string;
  /** hex sha256 of the data */
  readonly digest: string;
  /** images explained */
  readonly images: number;
  /** where the data come from, e.g. `dataset/mnist` */
  readonly source: string;
}

/** A file of this machine, or a text; `path` is its path in the run: `report.html`, `plots/curves.ssim.svg`. */
export type SummaryArtifact = { readonly path: string; readonly file: string } | { readonly path: string; readonly text: string };

/** A picture of the step slider. */
export interface SummaryImage {
  /** names the slider: `maps.image-0`; letters, digits, `.`, `-`, `_` */
  readonly key: string;
  /** stage index, 0 = trained */
  readonly step: number;
  /** bytes of a PNG, at least 256 pixels high, since it is shown as it is */
  readonly png: Uint8Array;
}

/** What is known of a run before its first instance is computed. */
export interface RunStart {
  readonly uuid: string;
  /** names the folder of results: `20261123-150405-1a2b3c` */
  readonly id: string;
  readonly name: string;
  readonly question: string;
  /** file name of the spec, without its folder */
  readonly source: string;
  /** milliseconds since 1970; handed in, never read here */
  readonly startedAt: number;
  readonly specDigest: string;
  readonly planDigest: string;
  readonly seed: number | string;
  /** backend and its version: `tensorflow 2.21.0` */
  readonly backend: string;
  /** of Assay itself */
  readonly version: string;
  /** plugin id → version */
  readonly plugins: Readonly<Record<string, string>>;
  readonly git?: { readonly commit: string; readonly dirty: boolean };
  /** the model that is destroyed, the first where there are several: `model/mnist-cnn` */
  readonly model: string;
  /** what a comparison filters by, and the resolved `params:` of the spec, which win */
  readonly params: Readonly<Record<string, unknown>>;
  readonly datasets: readonly SummaryDataset[];
  readonly track?: { readonly experiment?: string; readonly uri?: string };
}

/** A network that was trained in the run. */
export interface SummaryTraining {
  /** id of its instance */
  readonly name: string;
  readonly epochs: readonly { readonly loss: number; readonly accuracy: number }[];
  readonly testAccuracy?: number;
}

/** Everything that tracking is told about a finished run: pure data. */
export interface RunSummary extends RunStart {
  readonly endedAt: number;
  readonly status: SummaryStatus;
  readonly explainers: readonly ExplainerSummary[];
  readonly trainings?: readonly SummaryTraining[];
  /** all methods side by side */
  readonly images?: readonly SummaryImage[];
  readonly artifacts: readonly SummaryArtifact[];
}

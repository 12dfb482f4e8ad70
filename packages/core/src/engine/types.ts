import type { AssayError, ReportResult, ScoreGroup } from "../plugin/index.js";
import type { Instance, Plan } from "../experiment/plan-types.js";
import type { TrainingFacts } from "../store/trainings.js";

/** What happens during a run, in order. Progress lines, the spool and tests listen to the same events. */
export type RunEvent =
  | { readonly type: "run-started"; readonly plan: Plan; readonly toRun: number; readonly hits: number }
  | {
      readonly type: "node-progress";
      readonly node: string;
      readonly done: number;
      readonly total: number;
      /** what is counted */
      readonly unit?: "maps" | "epochs" | "instances";
      readonly etaMs?: number;
      readonly rate?: number;
    }
  | {
      readonly type: "epoch-finished";
      readonly instance: Instance;
      /** 1 for the first */
      readonly epoch: number;
      /** the largest number of epochs */
      readonly of: number;
      /** mean over the epoch */
      readonly loss: number;
      /** share of training images that are named rightly after it, in [0, 1] */
      readonly accuracy: number;
    }
  | { readonly type: "instance-finished"; readonly instance: Instance; readonly hit: boolean; readonly elapsedMs: number }
  | { readonly type: "instance-failed"; readonly instance: Instance; readonly error: AssayError; readonly skipped: readonly string[] }
  | { readonly type: "warning"; readonly message: string }
  | { readonly type: "run-finished"; readonly status: RunStatus };

export type RunStatus = "done" | "failed" | "interrupted";

/** Why an instance is a hit or must run. */
export interface PlanEntry {
  readonly instance: Instance;
  readonly state: "hit" | "run" | "not-needed";
  readonly reason: string;
}

export interface RunOutcome {
  readonly status: RunStatus;
  readonly computed: number;
  readonly hits: number;
  readonly failed: readonly { readonly instance: Instance; readonly error: AssayError }[];
  /** every score instance of the plan that is in the store, in plan order */
  scores(): AsyncIterable<{ readonly instance: Instance; readonly group: ScoreGroup }>;
  /** trained networks of the plan that are in the store, in plan order */
  readonly trainings: readonly { readonly instance: Instance; readonly facts: TrainingFacts }[];
  /** results of report nodes by node name, in plan order */
  readonly reports: ReadonlyMap<string, { readonly instance: Instance; readonly result: ReportResult }>;
}

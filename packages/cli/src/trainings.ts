import type { RunOutcome } from "@assay/core";
import type { TableData } from "@assay/report";

type Trainings = RunOutcome["trainings"];

/** `trainings.json`: loss and accuracies of every network that was trained, by instance. */
export const trainingsJson = (trainings: Trainings): string =>
  `${JSON.stringify(Object.fromEntries(trainings.map(({ instance, facts }) => [instance.id, facts])), undefined, 2)}\n`;

const percent = (share: number | undefined): string => (share === undefined ? "–" : `${(100 * share).toFixed(1)} %`);

/** How the trainings ended, one row each. */
export const trainingTable = (trainings: Trainings): TableData => ({
  kind: "table",
  columns: [
    { name: "network", as: "text" },
    { name: "epochs", as: "count" },
    { name: "loss", as: "decimal" },
    { name: "train accuracy", as: "count" },
    { name: "test accuracy", as: "count" },
  ],
  rows: trainings.map(({ instance, facts: { epochs, testAccuracy } }) => {
    const last = epochs.at(-1);
    return [instance.id, epochs.length, last?.loss ?? null, percent(last?.accuracy), percent(testAccuracy)];
  }),
  note: "loss: mean over the last epoch; accuracies: share of images whose largest logit is their label's, after it",
});

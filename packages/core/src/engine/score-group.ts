import type { Instance } from "../experiment/plan-types.js";
import type { MetricDefinition, Score, ScoreGroup } from "../plugin/index.js";
import type { Store } from "../store/store.js";
import type { ScoreColumns } from "./metric-task.js";

/** The scores of one instance as reports and tables read them; undefined where they are not in the store. */
export function readScores(store: Store, instance: Instance): ScoreGroup | undefined {
  const found = store.readResult(instance.key);
  if (found.state !== "found") return undefined;
  const columns = found.value as ScoreColumns;
  const { name, range, symmetric } = instance.plugin.definition as MetricDefinition;
  const view = instance.view ?? { name: "raw" };
  const scores = columns.image.map((image, i): Score => {
    const reason = columns.reasons[i];
    return {
      image,
      repetition: columns.repetition[i]!,
      value: columns.value[i]!,
      ties: columns.ties[i]!,
      target: columns.target[i]!,
      ...(reason !== undefined && { reason }),
    };
  });
  return {
    axes: instance.axes,
    metric: { name, range, params: instance.params, ...(symmetric === false && { symmetric }) },
    view: `${view.name}${view.foreground ? "+foreground" : ""}`,
    scores,
  };
}

import type { Instance, Plan } from "@assay/core";

/**
 * What a later comparison filters by, as parameters of the run: models and data with their digests, randomizers, redraws, views, targets,
 * draws, seed, backend and versions. Several values of one kind stand in the order of the spec.
 */
export function comparisonFacts(plan: Plan, versions: Readonly<Record<string, string>>): Record<string, unknown> {
  const instances = [...plan.instances.values()];
  const of = (kind: Instance["plugin"]["definition"]["kind"], what: (instance: Instance) => string | undefined): string =>
    [...new Set(instances.filter(({ plugin }) => plugin.definition.kind === kind).flatMap((instance) => what(instance) ?? []))].join(", ");
  const facts = {
    model: of("model", ({ plugin }) => plugin.id),
    "model.digest": of("model", ({ keyParts }) => keyParts["model"]),
    data: of("dataset", ({ plugin }) => plugin.id),
    "data.digest": of("dataset", ({ keyParts }) => keyParts["dataset"]),
    randomizer: of("randomizer", ({ plugin }) => plugin.id),
    redraw: of("randomizer", ({ keyParts }) => keyParts["redraw"]),
    metric: of("metric", ({ plugin }) => plugin.id),
    view: of("metric", ({ view }) => view?.name),
    target: of("explainer", ({ target }) => (target === undefined ? undefined : String(target))),
    draws: plan.axes.get("draw")?.values.length ?? 1,
    seed: plan.seed,
    backend: plan.backend,
    ...Object.fromEntries(Object.entries(versions).map(([name, version]) => [name === "backend" ? "backend" : `version.${name}`, version])),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== ""));
}

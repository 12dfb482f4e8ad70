import type { Dataset, MetricDefinition, SurrogateDefinition, View } from "../plugin/index.js";
import type { Context } from "./instances.js";
import type { PlannedInput, TargetPolicy } from "./plan-types.js";
import type { Problems } from "./problems.js";
import type { Variant } from "./uses.js";
import type { WiredNode } from "./wiring.js";

interface Subject {
  readonly node: WiredNode;
  readonly variant: Variant;
  readonly context: Context;
  readonly params: Readonly<Record<string, unknown>>;
}

/** An explainer's images must be what its model takes, and the class it explains must exist. */
export function checkExplainer({ node, variant, context }: Subject, target: TargetPolicy, problems: Problems): boolean {
  const { model, dataset } = context;
  if (!model || !dataset) return false;
  const [expected, got] = [model.inputShape, dataset.shape].map((shape) => `[${shape.join(", ")}]`);
  const place = node.edges.find(({ port }) => port.name === "images")?.from.place ?? node.declaration.place;
  if (expected !== got)
    problems.add({ code: "SPEC-SHAPE", what: "the images are not what the model takes", expected: expected!, got: got!, place });
  if (target === "label" && !dataset.labels) {
    const next = "Choose another target, or a data set with labels.";
    problems.add({ code: "SPEC-NO-LABELS", what: "the images have no labels to explain", next, place });
    return false;
  }
  const known = typeof target !== "number" || target < model.classes;
  if (!known) {
    problems.add({
      code: "SPEC-BOUNDS",
      what: "the model has no such class",
      expected: `0 to ${model.classes - 1}`,
      got: String(target),
      place: variant.use.target?.place ?? node.declaration.place,
    });
  }
  return known && expected === got;
}

/** A metric's maps must be of the same images, large enough, and have a background if it is to be masked. */
export function checkMetric(
  { node, variant, params }: Subject,
  definition: MetricDefinition,
  view: View,
  datasets: readonly Dataset[],
  problems: Problems,
): boolean {
  const before = problems.size;
  const place = variant.use.uses.place;
  const least = definition.minimumSize?.(params) ?? 0;
  for (const { shape } of datasets) {
    const [height, width] = shape;
    if (Math.min(height, width) >= least) continue;
    const what = `the maps are too small for ${variant.plugin.id}`;
    problems.add({ code: "SPEC-MAP-SIZE", what, expected: `at least ${least} × ${least}`, got: `${height} × ${width}`, place });
  }
  const [a, b] = datasets;
  if (a && b && a.digest !== b.digest) {
    problems.add({
      code: "SPEC-IMAGES",
      what: `${node.declaration.name} compares maps of different images`,
      place: node.declaration.place,
    });
  }
  if (view.foreground && datasets.some(({ background }) => background === undefined)) {
    problems.add({
      code: "SPEC-NO-BACKGROUND",
      what: "the view keeps the foreground only, and the data set declares no background value",
      next: "Take foreground out of the view, or choose a data set with a background.",
      place: variant.use.view?.place ?? place,
    });
  }
  return problems.size === before;
}

/** Only labelled images can be learned or relabelled. */
export function checkLabels(node: WiredNode, port: string, { labels }: Dataset, problems: Problems): boolean {
  if (labels) return true;
  const place = node.edges.find((edge) => edge.port.name === port)?.from.place ?? node.declaration.place;
  problems.add({ code: "SPEC-NO-LABELS", what: "the images have no labels", next: "Choose a data set that knows its classes.", place });
  return false;
}

/** A trainer's images must be what the model takes, and their labels classes that it has. */
export function checkTrainer(
  { node, inputs, context: { model } }: Subject & { readonly inputs: readonly PlannedInput[] },
  contexts: ReadonlyMap<string, Context>,
  problems: Problems,
): boolean {
  const before = problems.size;
  for (const { port, instances } of inputs) {
    const dataset = contexts.get(instances[0]!)?.dataset;
    if (port === "model" || !dataset || !model) continue;
    const place = node.edges.find((edge) => edge.port.name === port)?.from.place ?? node.declaration.place;
    const [expected, got] = [model.inputShape, dataset.shape].map((shape) => `[${shape.join(", ")}]`);
    if (expected !== got)
      problems.add({ code: "SPEC-SHAPE", what: "the images are not what the model takes", expected: expected!, got: got!, place });
    if (!checkLabels(node, port, dataset, problems)) continue;
    const largest = dataset.labels!.reduce((most, label) => Math.max(most, label), 0);
    if (largest >= model.classes)
      problems.add({
        code: "SPEC-BOUNDS",
        what: "the model has no such class",
        expected: `0 to ${model.classes - 1}`,
        got: String(largest),
        place,
      });
  }
  return problems.size === before;
}

/** A surrogate needs as many images as it says. */
export function checkSurrogate({ variant, context }: Subject, { minimumImages = 1 }: SurrogateDefinition, problems: Problems): boolean {
  const count = context.dataset?.count ?? minimumImages;
  if (count >= minimumImages) return true;
  problems.add({
    code: "SPEC-FEW-IMAGES",
    what: `${variant.plugin.id} has too few images`,
    expected: `at least ${minimumImages}`,
    got: String(count),
    next: "Explain more images, or leave this surrogate out.",
    place: variant.use.uses.place,
  });
  return false;
}

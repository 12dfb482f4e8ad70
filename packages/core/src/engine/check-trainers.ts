import type { Plan } from "../experiment/plan-types.js";
import { AssayError } from "../plugin/index.js";

/** Some trainers need one backend. Said before a run is begun; on another backend nothing of it can be in the store. */
export function checkTrainers({ backend, instances }: Plan): void {
  for (const { id, plugin } of instances.values()) {
    const { definition } = plugin;
    if (definition.kind !== "trainer" || definition.backend === backend) continue;
    throw new AssayError({
      code: "TRAINING-BACKEND",
      where: id,
      what: `${plugin.id} cannot train on this backend`,
      expected: definition.backend,
      got: backend,
      next: "Run `npx assay doctor`: it says how to get the native library.",
      exit: 3,
    });
  }
}

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { checkGivenParams, type ModelDefinition, type ModelFacts, type Network } from "@assay/core";
import { findPlugin } from "./find-plugin.js";
import type { Session } from "./session.js";

export interface ResolvedModel {
  readonly facts: ModelFacts;
  load(): Promise<Network>;
}

/** `--model`: a registered model by name, or the path of a model file. */
export async function resolveModel(session: Session, cwd: string, reference: string): Promise<ResolvedModel> {
  const file = resolve(cwd, reference);
  const isFile = /\.(json|onnx)$/.test(reference) || (existsSync(file) && session.registry.get("model", reference) === undefined);
  const plugin = findPlugin(session.registry, isFile ? "file" : reference, "model");
  const definition = plugin.definition as ModelDefinition;
  const { params } = checkGivenParams(plugin, isFile ? { path: file } : {}, { registry: session.registry, where: "--model", folder: cwd });
  const facts = await session.facts.model(plugin, params);
  return { facts, load: () => definition.load(params, { services: session.services(definition.needsServices) }) };
}

import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { flag, optional, strictObject, type ModelFacts, type Network, type Params } from "@assay/core/plugin";
import { loadModel, readTopology } from "@assay/network";
import { readVerified } from "../reading/verified-file.js";

/** What stands in `models/<name>/recipe.json`: how the network was made. */
export interface Recipe {
  readonly seed: number;
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly epochs: number;
  readonly testAccuracy: number;
  readonly sha256: Readonly<Record<string, string>>;
}

const folderOf = (name: string): string => fileURLToPath(new URL(`../../models/${name}/`, import.meta.url));

/** The recipe of a network of this package. */
export const recipeOf = async (name: string): Promise<Recipe> =>
  JSON.parse(await readFile(path.join(folderOf(name), "recipe.json"), "utf8")) as Recipe;

/** The path of a network's `model.json`, after its files were checked against the digests in its recipe. */
async function verified(name: string): Promise<string> {
  const { sha256 } = await recipeOf(name);
  const next = "Install @assay/zoo again, or check the repository out again without converting line ends.";
  for (const [file, digest] of Object.entries(sha256)) await readVerified(path.join(folderOf(name), file), digest, `model/${name}`, next);
  return path.join(folderOf(name), "model.json");
}

/** What a network of this package can be asked for. */
export const twin = strictObject({
  twin: optional(flag({ description: "the second network: same architecture, data and recipe, trained from another seed" })),
});
type Choice = Params<typeof twin>;

/** `describe` and `load` of a network of this package; `blocks` are names of layers, output first. */
export function shipped(name: string, blocks: readonly string[]) {
  const options = { blocks: blocks.map((block) => ({ name: block, layers: [block] })) };
  const chosen = (choice: Choice): string => (choice.twin ? `${name}-twin` : name);
  return {
    describe: async (choice: Choice): Promise<ModelFacts> => readTopology(await verified(chosen(choice)), options),
    load: async (choice: Choice): Promise<Network> => loadModel(await verified(chosen(choice)), options),
  };
}

import { memory } from "@tensorflow/tfjs-core";
import { REDRAWS, type Network, type BlockRandomizer } from "../plugin/index.js";
import { seedTree } from "../plugin/random.js";
import { deepStrictEqual, defaultsOf, factChecks, ok, strictEqual, type Check } from "./kit.js";

export interface RandomizerKitOptions {
  /** Default: the defaults of the schema. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** names of blocks, output first. Default: those of the network, else five made-up ones. */
  readonly blocks?: readonly string[];
  /** where given, the stages are also drawn */
  readonly network?: Network;
}

/** What every randomizer must do: a pure function from names of blocks to stages that nest or do not overlap. */
export function randomizerKit(definition: BlockRandomizer, options: RandomizerKitOptions = {}): Check[] {
  const { network } = options;
  const blocks = Object.freeze([...(options.blocks ?? network?.facts.blocks ?? ["e", "d", "c", "b", "a"])]);
  const params = { ...defaultsOf(definition.params), ...options.params };
  const stages = () => definition.stages(blocks, params);
  const checks: Check[] = [
    {
      title: "names each stage once, and none `trained`",
      run: () => {
        const names = stages().map(({ name }) => name);
        ok(names.length > 0, "there is a stage");
        strictEqual(new Set(names).size, names.length, names.join(", "));
        ok(!names.includes("trained"), "stage 0 is added by the framework");
      },
    },
    {
      title: "redraws known blocks only, at least one a stage, none twice in a stage",
      run: () => {
        for (const stage of stages()) {
          ok(stage.blocks.length > 0, stage.name);
          strictEqual(new Set(stage.blocks).size, stage.blocks.length, stage.name);
          for (const block of stage.blocks) ok(blocks.includes(block), `${stage.name} redraws ${block}`);
        }
      },
    },
    {
      title: "gives stages that nest when it cascades, and that do not overlap when it is independent",
      run: () => {
        const all = stages();
        all.slice(1).forEach((stage, i) => {
          const before = all[i]!.blocks;
          if (definition.order === "cascading")
            ok(before.every((block) => stage.blocks.includes(block)) && stage.blocks.length > before.length, stage.name);
        });
        const drawn = all.flatMap((stage) => stage.blocks);
        if (definition.order === "independent") strictEqual(new Set(drawn).size, drawn.length, "each block is redrawn in one stage");
      },
    },
    { title: "gives the same stages each time", run: () => deepStrictEqual(stages(), stages()) },
    { title: "names a redraw that there is", run: () => ok(REDRAWS.includes(definition.redraw(params))) },
  ];
  if (network)
    checks.push({
      title: "draws each stage again from its seed, and leaves the trained network as it was",
      run: () => drawsAgain(definition, params, network),
    });
  return [...factChecks(definition), ...checks];
}

function drawsAgain(definition: BlockRandomizer, params: Readonly<Record<string, unknown>>, network: Network): void {
  const trained = network.digest;
  const before = memory().numTensors;
  for (const { blocks, name } of definition.stages(network.facts.blocks, params)) {
    const draw = (seed: number) => {
      const drawn = network.redraw(blocks, definition.redraw(params), seedTree(seed));
      const { digest } = drawn;
      drawn.dispose();
      return digest;
    };
    strictEqual(draw(1), draw(1), `${name}: the same seed gives the same weights`);
    ok(draw(1) !== trained, `${name} differs from the trained network`);
    ok(draw(1) !== draw(2), `${name}: another seed gives other weights`);
  }
  strictEqual(network.digest, trained);
  strictEqual(memory().numTensors, before, "what was drawn is released");
}

import { fileURLToPath } from "node:url";
import { tf } from "@assay/core/plugin";
import { startBackend } from "@assay/network";
import { beforeAll, describe, expect, it } from "vitest";
import { file } from "../src/file.js";
import { mnistMlp } from "../src/mnist-mlp.js";

const context = { services: [] };
const path = fileURLToPath(new URL("../models/mnist-mlp/model.json", import.meta.url));
beforeAll(async () => {
  await startBackend("tensorflow");
});

describe("model/file", () => {
  it("is the same network as the plugin that ships the file", async () => {
    const [own, shipped] = [await file.load({ path }, context), await mnistMlp.load({}, context)];
    expect(own.facts).toEqual(shipped.facts);
    const x = tf.ones<tf.Rank.R4>([1, 28, 28, 1]);
    expect([...(await own.logits(x)).dataSync()]).toEqual([...(await shipped.logits(x)).dataSync()]);
    own.dispose();
    shipped.dispose();
  });

  it("takes the blocks and the layer for CAM methods that it is told", async () => {
    const facts = await file.describe({ path, blocks: ["logits", "hidden1"] }, context);
    expect(facts.blocks).toEqual(["logits", "hidden1"]);
    const cnn = fileURLToPath(new URL("../models/mnist-cnn/model.json", import.meta.url));
    expect((await file.describe({ path: cnn, convolution: "conv1_relu" }, context)).convolution).toBe("conv1_relu");
  });

  it("says what is wrong with a path or a block", async () => {
    await expect(file.describe({ path: `${path}.gone` }, context)).rejects.toMatchObject({ code: "MODEL-FILE-MISSING", exit: 2 });
    await expect(file.describe({ path, blocks: ["hidden9"] }, context)).rejects.toThrow(/hidden9/);
    const weights = path.replace("model.json", "weights.bin");
    await expect(file.describe({ path: weights }, context)).rejects.toMatchObject({ code: "MODEL-FILE-FORMAT", exit: 2 });
  });
});

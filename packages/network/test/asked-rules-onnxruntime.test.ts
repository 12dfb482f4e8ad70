import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it, vi } from "vitest";
import { SessionThreads } from "../src/executors/onnxruntime/session-threads.js";
import { loadModel } from "../src/index.js";
import { CASES, ORACLE, readArray } from "./oracle.js";
import { onBackend, take } from "./oracle-cases.js";

describe("a gradient, whatever was asked before it", () => {
  onBackend("onnxruntime");

  it.each(CASES)("is the same bit for bit, and comes from the session of guided backpropagation once there is one (%s)", async (name) => {
    const { shape, values } = readArray(name, "input");
    const x = tf.tensor4d(values, shape as tf.Tensor4D["shape"]);
    const network = await loadModel(`${ORACLE}models/${name}/model.json`);
    const targets = Array<number>(x.shape[0]).fill(0);
    const opened = vi.spyOn(SessionThreads.prototype, "open");
    const gradient = async (rule: "standard" | "guided"): Promise<Uint8Array> =>
      new Uint8Array((await take(network.gradient(x, targets, { rule }))).values.buffer);
    const alone = await gradient("standard");
    await gradient("guided");
    expect(opened).toHaveBeenCalledTimes(2);
    expect(await gradient("standard")).toEqual(alone);
    expect(opened).toHaveBeenCalledTimes(2);
    opened.mockRestore();
    network.dispose();
    x.dispose();
  });
});

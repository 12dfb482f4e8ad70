import { startBackend } from "@assay/network";
import { beforeAll, describe, it } from "vitest";
import { deconvnet } from "../src/deconvnet.js";
import { agreesWithOracle, passesTheKit } from "./oracle.js";
import { expectNear, explain, LINEAR, ONE_CONV, onLinear, onOneConvolution } from "./toy.js";

await passesTheKit(deconvnet);

describe("deconvnet", () => {
  beforeAll(() => startBackend("tensorflow"));

  it("passes positive signals through closed ReLUs of one convolution too", () =>
    onOneConvolution(async (network) => {
      expectNear(await explain(network, deconvnet, ONE_CONV.input.flat()), ONE_CONV.expected["deconvnet"]!.flat());
    }));

  it("is the gradient where there is no ReLU", () =>
    onLinear(async (network) => {
      expectNear(await explain(network, deconvnet, LINEAR.x), LINEAR.expected["gradient"]!);
    }));
});

agreesWithOracle(deconvnet, () => [{ array: "deconvnet" }]);

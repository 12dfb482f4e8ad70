import { describe, expect, it } from "vitest";
import { typedCommand } from "../src/typed-command.js";

describe("the command that a report shows", () => {
  it("names whatever changes the numbers, in the shell's spelling", () => {
    const options = {
      root: ".",
      preset: "paper",
      set: { images: "8", draws: "[0, 1]" },
      only: "perturbed",
      where: { stage: ["fc1", "it's"] },
    };
    expect(typedCommand("my.yaml", options)).toBe(
      "assay run my.yaml --preset paper --set images=8 --set 'draws=[0, 1]' --only perturbed --where stage=fc1 --where 'stage=it'\\''s'",
    );
    expect(typedCommand("a b.yaml", { root: ".", backend: "wasm" })).toBe("assay run 'a b.yaml' --backend wasm");
  });
});
